import pytest
from django.urls import reverse

from accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "key", ["abcdefgh\x00ijk", "a\x00bbb", "abcdefgh'--", "phiênphiênphiên", "         ", "", None]
)
def test_what_cannot_be_a_key_is_no_session_and_nothing_is_asked(key, django_assert_num_queries):
    with django_assert_num_queries(0):
        store = SessionStore(key)
        assert store.session_key is None
        assert not store.keys()


@pytest.mark.parametrize("cookie", [r'"abcdefgh\000ijkl"', r'"a\000bbb"', "abcdefgh\xe9"])
def test_a_page_is_shown_to_whom_sends_such_a_cookie(client, cookie):
    answer = client.get(reverse("account_login"), headers={"cookie": f"sessionid={cookie}"})
    assert answer.status_code == 200


def test_a_session_is_found_again():
    store = SessionStore()
    store["a"] = 1
    store.save()
    assert SessionStore(store.session_key)["a"] == 1
