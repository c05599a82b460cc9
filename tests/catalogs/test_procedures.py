"""The four procedures: what each asks for, promises and says."""

from datetime import date

import pytest

from catalogs.models import Programme, ProgrammePartKind
from catalogs.procedures import PLACEHOLDERS, Definition
from catalogs.reading import DATA, read
from tests.catalogs import sources

REVISIONS = [
    (slug, revision["number"], Definition.read(revision["definition"]))
    for slug, procedure in read(DATA).procedures.items()
    for revision in procedure["revisions"]
]
DEFINITIONS = {(slug, number): definition for slug, number, definition in REVISIONS}
every = pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=[f"{s}-{n}" for s, n in DEFINITIONS])
KEY_DIGITAL = DEFINITIONS["cong-nghe-so-trong-diem", 1]
TRANSITION = DEFINITIONS["chuyen-tiep-thong-tu-19", 1]
TASK = DEFINITIONS["nhiem-vu-cong-nghe-cao", 1]


@every
def test_the_periods_are_those_of_the_decree_and_one_that_the_office_announces(definition):
    acceptance, answer = definition.deadline("acceptance"), definition.deadline("supplement_answer")
    assert (acceptance.amount, acceptance.unit) == (8, "working_hours")
    assert "khoản 2 Điều 17" in acceptance.basis
    assert (answer.amount, answer.unit) == (15, "days")
    assert "khoản 5 Điều 19" in answer.basis
    assessment = definition.deadline("assessment")
    assert assessment.unit == "working_days"
    # No law sets this period, so none may be named.
    assert assessment.basis.startswith("Thời hạn do cơ quan công bố")
    assert "Nghị định" not in assessment.basis


@every
def test_the_texts_of_the_outcomes_can_be_filled_in(definition):
    names = dict.fromkeys(PLACEHOLDERS, "…")
    for outcome in definition.outcomes.values():
        for text in (outcome.subject, *outcome.articles):
            assert "{" not in text.format(**names)


@every
def test_a_refusal_gives_its_grounds_and_a_grant_names_the_applicant(definition):
    assert any("{grounds}" in article for article in definition.outcomes["not_granted"].articles)
    granted = " ".join(definition.outcomes["granted"].articles)
    assert all(f"{{{name}}}" in granted for name in ("title", "applicant", "identifier_label", "identifier"))


@every
def test_no_decision_claims_to_be_a_statutory_certificate(definition):
    texts = [definition.name, definition.short_name]
    for outcome in definition.outcomes.values():
        texts += [outcome.subject, *outcome.articles]
    for text in texts:
        for claim in ("chứng nhận", "công nhận", "xác nhận"):
            assert claim not in text.replace("không phải là giấy chứng nhận", "")


@every
def test_somebody_is_named_to_be_asked_and_the_description_is_matched(definition):
    keys = {question.key for question in definition.questions()}
    assert {"contact_name", "contact_phone", "contact_email", "description", "technology", "stage"} <= keys
    assert "description" in definition.matching_questions
    assert definition.question(definition.title_question).required


@every
def test_every_document_can_be_required_or_has_a_reason_not_to_be(definition):
    required = [d for d in definition.documents if d.required and d.condition is None]
    assert required
    by_proxy = definition.asked_documents({"by_proxy": "yes"})
    assert "uy-quyen" in [d.key for d in by_proxy]
    assert "uy-quyen" not in [d.key for d in definition.asked_documents({"by_proxy": "no"})]


@every
def test_a_specialist_grades_three_to_six_criteria_and_explains_some(definition):
    assert 3 <= len(definition.criteria) <= 6
    assert any(criterion.comment_required for criterion in definition.criteria)
    for criterion in definition.criteria:
        assert [grade.label for grade in criterion.grades] == ["Đạt", "Đạt một phần", "Không đạt"]


@every
def test_no_market_yet_stands_alone(definition):
    alone = {choice.value for q in definition.questions() for choice in q.choices if choice.exclusive}
    markets = [q for q in definition.questions() if q.key == "markets"]
    assert alone == ({"none"} if markets else set())


@every
def test_questions_explain_themselves(definition):
    for question in definition.questions():
        if question.type == "long_text":
            assert question.help or question.example
        if question.type == "text":
            assert question.example


def test_the_self_certification_of_tt_31_uses_the_words_of_its_article_4_3():
    article = next(line for line in sources.lines("tt-31-2025-dieu.txt") if line.startswith("3. "))
    responsibility = article[article.index("tự chịu trách nhiệm") :]
    statement = next(s for s in KEY_DIGITAL.statements if s.key == "accurate")
    written = statement.text.removeprefix("Chúng tôi ").replace("Thông tư số 31/2025/TT-BKHCN", "Thông tư này")
    assert written == responsibility
    assert statement.basis == "khoản 3 Điều 4 Thông tư số 31/2025/TT-BKHCN"


def test_the_same_statement_is_asked_wherever_papers_are_handed_in():
    papers = {next(s for s in d.statements if s.key == "papers") for d in DEFINITIONS.values()}
    assert len(papers) == 1


def test_a_transition_project_began_before_the_circular_and_is_valid_to_its_own_end():
    assert TRANSITION.question("started_on").before == date(2026, 1, 1)
    assert TRANSITION.question("ends_on").after == "started_on"
    assert TRANSITION.outcomes["granted"].valid_until == "ends_on"
    assert "{valid_until}" in " ".join(TRANSITION.outcomes["granted"].articles)
    # The list that we have is incomplete, so no item of it may be demanded: the product is named in words.
    assert not TRANSITION.items_required
    assert TRANSITION.question("legacy_product").required


@pytest.mark.usefixtures("loaded")
def test_a_task_is_proposed_under_the_headings_of_the_programme():
    parts = Programme.objects.get().parts
    codes = set(parts.filter(kind=ProgrammePartKind.CONTENT).values_list("code", flat=True))
    contents = [choice.value for choice in TASK.question("content").choices]
    assert contents == ["II.1.a", "II.1.b", "II.2.1", "II.2.2", "II.3.a", "II.3.b", "II.3.c", "II.3.d"]
    assert set(contents) <= codes
    for key, kind in (("priority_field", ProgrammePartKind.FIELD), ("sector", ProgrammePartKind.SECTOR)):
        asked = [(choice.value, choice.label) for choice in TASK.question(key).choices]
        assert asked == list(parts.filter(kind=kind).order_by("position").values_list("code", "text"))


def test_a_task_says_what_it_adds_to_each_of_the_six_indicators_and_may_answer_no():
    for number in range(1, 7):
        question = TASK.question(f"indicator_{number}")
        assert f"IV.{number}" in question.help
        # Measured over the programme, never a condition of one task: "no" and 0 are answers.
        assert question.type == "yes_no" or question.min in (0, None)


def test_the_sector_question_of_1131_decides_nothing():
    question = DEFINITIONS["cong-nghe-chien-luoc", 1].question("sectors")
    assert not question.required
    assert "không ảnh hưởng" in question.help
