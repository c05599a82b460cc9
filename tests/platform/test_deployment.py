import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
DEPLOY = (ROOT / "docs/deploy.md").read_text()
OURS = {"prepare", "web", "worker", "beat"}
BROUGHT = {"postgres", "redis", "mail", "clamav"}


def test_the_compose_file_follows_the_compose_schema():
    ran = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_schema_refuses_a_broken_compose_file(tmp_path):
    broken = dict(COMPOSE) | {"services": {"web": {"image": "hoso", "comand": ["gunicorn"]}}}
    (tmp_path / "docker-compose.yml").write_text(json.dumps(broken))
    ran = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        cwd=tmp_path,
        capture_output=True,
    )
    assert ran.returncode == 1


def test_all_parts_of_the_product_are_there():
    assert set(COMPOSE["services"]) == OURS | BROUGHT


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_product_is_built_from_the_one_dockerfile(name):
    service = COMPOSE["services"][name]
    assert service["build"] == "."
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]


def test_there_is_one_dockerfile():
    listed = subprocess.run(["git", "ls-files", "*Dockerfile*"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert listed.stdout.split() == ["Dockerfile"]


@pytest.mark.parametrize("name", sorted(BROUGHT))
def test_what_is_brought_in_has_a_fixed_version(name):
    assert re.search(r":[\w.-]*\d", COMPOSE["services"][name]["image"])
    assert "latest" not in COMPOSE["services"][name]["image"]


@pytest.mark.parametrize("name", sorted((OURS | BROUGHT) - {"prepare"}))
def test_every_lasting_part_says_whether_it_is_well(name):
    assert COMPOSE["services"][name]["healthcheck"]["test"]


def test_there_is_one_clock():
    clocks = [
        name
        for name, service in COMPOSE["services"].items()
        if "beat" in service.get("command", []) or "--beat" in service.get("command", [])
    ]
    assert clocks == ["beat"]


def test_every_volume_that_is_used_is_declared():
    used = {v.split(":")[0] for s in COMPOSE["services"].values() for v in s.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])


def test_every_variable_is_documented():
    set_for_services = {name for s in COMPOSE["services"].values() for name in s.get("environment", {})}
    asked_for = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert [n for n in sorted(set_for_services | asked_for) if f"`{n}`" not in DEPLOY] == []


def test_no_secret_stands_in_the_files():
    for name, service in COMPOSE["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|KEY", variable):
                assert str(value).startswith("${"), f"{name}: {variable}"
    assert not re.search(r"(SECRET|PASSWORD|TOKEN)\w*[ =]\S", DOCKERFILE)
    for line in (ROOT / ".env.example").read_text().splitlines():
        if re.match(r"\w*(SECRET|PASSWORD)\w*=", line):
            assert line.endswith("=")


def test_the_image_is_built_in_stages_and_runs_as_an_ordinary_user():
    steps = re.findall(r"^([A-Z]+)\s+(.*)$", DOCKERFILE, re.MULTILINE)
    froms = [value for step, value in steps if step == "FROM"]
    assert len(froms) == 2
    assert all(re.search(r":[\w.-]*\d", value) for value in froms)
    assert [value for step, value in steps if step == "USER"] == ["hoso"]
    # Nothing is installed once the rights are given away.
    after = DOCKERFILE[DOCKERFILE.index("\nUSER ") :]
    assert "RUN" not in after
    assert "--require-hashes" in DOCKERFILE


def test_what_must_not_be_in_the_image_is_left_out():
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".env", ".env.*", ".venv", "var"} <= set(ignored)


def test_what_the_services_run_exists():
    for service in COMPOSE["services"].values():
        for command in (service.get("command", []), service.get("healthcheck", {}).get("test", [])):
            for word in " ".join(command).split():
                if word.startswith("scripts/"):
                    assert (ROOT / word).exists()


def test_the_static_files_can_be_collected_for_production(tmp_path):
    """Each file that a style sheet names must be there, or the image does not build."""
    # Without compressing, which takes most of the time and misses nothing.
    collect = """
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
import django
django.setup()
from django.core.management import call_command
call_command("collectstatic", interactive=False, verbosity=0)
"""
    ran = subprocess.run(
        [sys.executable, "-c", collect],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "HOSO_ENV": "production",
            "HOSO_VAR": str(tmp_path),
            "HOSO_STATIC_ROOT": str(tmp_path / "static"),
        },
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert (tmp_path / "static" / "staticfiles.json").exists()


def test_hooks_before_a_commit_fetch_nothing():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repo["repo"] for repo in hooks["repos"]] == ["local"]
    assert {hook["language"] for hook in hooks["repos"][0]["hooks"]} == {"system"}
