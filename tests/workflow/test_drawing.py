from django.conf import settings

from workflow import drawing


def test_the_page_on_the_workflow_is_current():
    page = (settings.BASE_DIR / "docs" / "workflow.md").read_text(encoding="utf-8")
    assert page == drawing.document(), "run `python manage.py draw_workflow`"


def test_every_state_is_on_the_drawing():
    from intake.states import State

    drawn = {state for _name, *ends in drawing.moves() for state in ends}
    assert drawn == set(State.values)
