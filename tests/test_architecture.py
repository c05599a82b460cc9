"""The project holds itself to its own rules. Each rule says, when it breaks, which file and why."""

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.template import engines
from django.urls import NoReverseMatch, reverse

from config import access, checks

ROOT = Path(__file__).resolve().parent.parent
APPS = ("audit", "accounts", "notifications", "catalogs", "intake", "documents", "workflow", "insights", "config")
# A grab-bag under any name attracts what belongs elsewhere.
GRAB_BAGS = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "lib", "base"}
# Hosts that may stand in a file: reserved for examples, namespaces of standards, licences of what is shipped, and
# what messages show as an address of somebody's company.
HOSTS_ALLOWED = re.compile(
    r"(localhost|127\.0\.0\.1|\[::1\]|([\w-]+\.)*(example|example\.(com|org|net)|test|invalid)"
    r"|www\.w3\.org|www\.aiim\.org|ns\.adobe\.com|scripts\.sil\.org|openfontlicense\.org"
    r"|congty\.vn|example\.vn)$"
)
TEXT = set(
    ".py .html .md .txt .toml .yml .yaml .json .jsonl .css .js .sh .in .cfg .ini .po .svg".split()  # noqa: SIM905
) | {""}


@cache
def repository_files() -> tuple[Path, ...]:
    """What is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return tuple(ROOT / name for name in sorted(listed) if name and (ROOT / name).is_file())


@cache
def modules(*, of: tuple[str, ...] = APPS) -> tuple[Path, ...]:
    return tuple(
        path
        for path in repository_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in of and "migrations" not in path.parts
    )


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- imports and names ---


def test_imports_point_one_way():
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_package_has_its_place_in_the_import_order():
    packages = {p.parent.name for p in repository_files() if p.name == "__init__.py" and p.parent.parent == ROOT} - {
        "tests",
        "bench",
        "scripts",
    }
    assert packages == set(APPS)


def test_no_module_is_a_grab_bag():
    assert [named(p) for p in modules() if p.stem in GRAB_BAGS or p.parent.name in GRAB_BAGS] == []


def test_modules_have_plain_lower_case_names():
    odd = [
        named(p)
        for p in modules(of=(*APPS, "tests", "scripts", "bench"))
        if not re.fullmatch(r"[a-z][a-z0-9_]*|__init__|__main__", p.stem)
    ]
    assert odd == []


def test_imports_are_absolute_and_name_what_they_take():
    wrong = []
    for path in modules(of=(*APPS, "scripts", "bench")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.level or any(a.name == "*" for a in node.names)):
                wrong.append(f"{named(path)}:{node.lineno}")
    assert wrong == []


def test_no_signal_carries_domain_logic():
    # Django's own receivers of installed packages are not ours; ours would be invisible to a reader of a transition.
    pattern = re.compile(r"\b(post|pre)_(save|delete)\b|@receiver\b")
    assert [named(p) for p in modules() if pattern.search(p.read_text())] == []


# --- time ---

# Where a person, a clock or a queue comes in from outside; everything else is told what time it is.
ASKS_THE_CLOCK = re.compile(r"(views|adapter|tasks|commands|filing|middleware|sessions|models|apps)")


def test_only_the_edge_asks_what_time_it_is():
    wrong = []
    for path in modules():
        inner = named(path)
        if path.parent.name == "commands" or ASKS_THE_CLOCK.search(path.stem) or "views" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("now", "today", "localdate", "utcnow")
                and ast.unparse(node.func.value)
                in ("timezone", "datetime", "date", "datetime.datetime", "datetime.date")
                and not node.args
            ):
                wrong.append(f"{inner}:{node.lineno} {ast.unparse(node)}")
    assert wrong == []


# --- models and migrations ---


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def own_models():
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in APPS]


def test_no_model_has_a_default_order():
    assert [m._meta.label for m in own_models() if m._meta.ordering] == []


def test_constraints_are_named_as_sentences():
    short = [
        constraint.name
        for model in own_models()
        for constraint in model._meta.constraints
        if constraint.name.count("_") < 2 or constraint.name != constraint.name.lower()
    ]
    assert short == []


def test_migrations_that_run_code_change_no_schema():
    mixed = []
    for path in repository_files():
        if path.parent.name == "migrations" and path.parent.parent.name in APPS:
            text = path.read_text()
            if "RunPython" in text and re.search(r"migrations\.(Create|Delete|Add|Alter|Remove|Rename)", text):
                mixed.append(named(path))
    assert mixed == []


# --- pages ---


def templates() -> list[str]:
    return [str(p.relative_to(ROOT / "templates")) for p in repository_files() if (ROOT / "templates") in p.parents]


@pytest.mark.parametrize("name", [t for t in templates() if t.endswith((".html", ".txt"))])
def test_the_template_parses(name):
    part = name.removeprefix("jinja2/")
    engines["django" if part == name else "jinja2"].get_template(part)


def test_templates_carry_no_inline_script_style_or_handler():
    # The Content-Security-Policy would drop them silently. Papers and mails are not pages.
    inline = re.compile(r"<script(?![^>]*\ssrc=)|<style\b|\sstyle=|\son[a-z]+=", re.IGNORECASE)
    wrong = [
        name
        for name in templates()
        if name.endswith(".html")
        and not name.startswith(("pdf/", "email/"))
        and inline.search((ROOT / "templates" / name).read_text())
    ]
    assert wrong == []


def test_addresses_without_parts_resolve():
    for name, pattern in checks.named_addresses():
        if "<" not in pattern and "(?P" not in pattern:
            try:
                assert reverse(name).startswith("/")
            except NoReverseMatch as error:  # pragma: no cover
                pytest.fail(str(error))


def test_every_address_that_a_template_names_exists():
    names = {name for name, _ in checks.named_addresses()}
    missing = []
    for template in templates():
        text = (ROOT / "templates" / template).read_text()
        for name in re.findall(r"(?:{%\s*url\s+|\burl\()['\"]([\w:-]+)['\"]", text):
            if name not in names:
                missing.append(f"{template}: {name}")
    assert missing == []


def test_the_access_table_names_no_address_that_is_gone():
    assert set(access.TABLE) - {name for name, _ in checks.named_addresses()} == set()


# --- what the repository says ---


def test_no_file_names_a_foreign_host():
    """The product works without the network: no CDN, no call outside, no registry in a lock file."""
    found = []
    for path in repository_files():
        if path.suffix not in TEXT:
            continue
        for host in re.findall(r"https?://([^\s/\"'<>)}\]:\\`?]+)", path.read_text(errors="replace")):
            if "." in host and not HOSTS_ALLOWED.fullmatch(host.rstrip(".,;")) and not re.search(r"[{%$*(@]", host):
                found.append(f"{named(path)}: {host}")
    assert [f for f in found if not f.startswith(("static/fonts/",))] == []


def test_no_file_names_a_place_on_somebodys_machine():
    place = re.compile(r"(?<![\w.])/(home|root|work|Users|opt)/\w+|\.\./shared")
    found = []
    for path in repository_files():
        if path.suffix in TEXT and path != Path(__file__) and "fonts" not in path.parts:
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                if place.search(line) and not line.lstrip().startswith("WORKDIR"):
                    found.append(f"{named(path)}:{number}")
    assert found == []


def lock_files() -> list[Path]:
    return sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("lock", lock_files(), ids=lambda p: p.name)
def test_a_lock_has_a_hash_for_everything_and_no_address(lock):
    text = lock.read_text()
    assert not re.search(r"://|--index|--find-links|--extra-index|--trusted-host|\bfile:", text)
    requirements = re.findall(r"^[a-z][^\s=]*==\S+(.*(?:\n    --hash=\S+.*)+)?", text, re.MULTILINE | re.IGNORECASE)
    assert requirements
    assert all("--hash=sha256:" in hashes for hashes in requirements)


def test_the_development_lock_holds_the_runtime_lock():
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z][^\s=]*==[^\s;]+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))

    assert pins("base.txt") <= pins("dev.txt")


def test_every_dependency_that_is_asked_for_is_locked():
    for name in ("base", "dev"):
        lock = (ROOT / "requirements" / f"{name}.txt").read_text()
        for line in (ROOT / "requirements" / f"{name}.in").read_text().splitlines():
            if wanted := re.match(r"[A-Za-z][\w.-]*", line):
                assert re.search(rf"^{re.escape(wanted[0])}(\[[^\]]+\])?==", lock, re.MULTILINE | re.IGNORECASE), line


# --- documentation ---


def environment_variables() -> set[str]:
    """Each name that a setting is read from, and those that the scripts read."""
    names = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z][A-Z0-9_]+)\"", (ROOT / "config/settings.py").read_text()))
    assert names, "the pattern no longer finds the settings"
    return names | {"PORT"}


def test_every_setting_is_documented():
    documented = (ROOT / "docs/deploy.md").read_text()
    assert [name for name in sorted(environment_variables()) if f"`{name}`" not in documented] == []


def test_no_setting_is_documented_that_is_gone():
    table = re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", (ROOT / "docs/deploy.md").read_text(), re.MULTILINE)
    assert set(table) == environment_variables()


def test_every_system_check_is_documented():
    documented = (ROOT / "docs/deploy.md").read_text()
    ids = set(re.findall(r"hoso\.[EW]\d{3}", (ROOT / "config/checks.py").read_text()))
    assert [i for i in sorted(ids) if i not in documented] == []


def test_the_layout_in_the_documentation_is_true():
    rows = re.findall(r"^\| `(\w+)/` \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert tuple(rows) == APPS


def test_every_decision_record_is_listed():
    records = {p.name for p in (ROOT / "docs/adr").glob("[0-9]*.md")}
    listed = set(re.findall(r"\((\d{4}[^)]+\.md)\)", (ROOT / "docs/adr/README.md").read_text()))
    assert records == listed
    numbers = sorted(name[:4] for name in records)
    assert len(numbers) == len(set(numbers))


def test_every_link_between_documents_leads_somewhere():
    broken = []
    for path in repository_files():
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text()):
                if "://" not in target and not (path.parent / target).exists():
                    broken.append(f"{named(path)} → {target}")
    assert broken == []


def test_every_script_can_be_run():
    scripts = [p for p in repository_files() if p.suffix == ".sh" or named(p) in (".ci/run", "manage.py")]
    assert scripts
    assert [named(p) for p in scripts if p.suffix == ".sh" and not os.access(p, os.X_OK)] == []
