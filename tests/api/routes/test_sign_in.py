"""The pages with which people sign in, choose a password and look after their account."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx2 import Response

from api.auth import cookies, csrf
from api.services import Services
from knowledge.sessions import Browser
from tests.api.auth.signing import ADA, BEN, OWN, PUBLIC, House, hidden, house
from tests.api.web.support import words
from tests.knowledge.signing import PASSWORD, told

NEW = "another long password"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """For tests that change nothing but sessions."""
    with house(tmp_path_factory.mktemp("house")) as made:
        made.join()
        yield made


@pytest.fixture
def home(shared: House) -> House:
    shared.browser.cookies.clear()
    shared.clock.forward(hours=1)
    return shared


@pytest.fixture
def own(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as made:
        yield made


def page(home: House, path: str) -> Response:
    answer: Response = home.browser.get(path, headers={"Accept": "text/html"})
    return answer


def test_somebody_signs_in_with_the_form_and_goes_on(home: House) -> None:
    form = page(home, "/sign-in?next=/documents/7%3Fa%3Db")
    assert form.status_code == 200
    done = home.sign_in(next=hidden(form.text, "next"))
    assert (done.status_code, done.headers["location"]) == (303, "/documents/7?a=b")
    assert home.who() == "Ada Field"
    assert "Ada Field" in page(home, "/").text


def test_a_page_carries_what_it_sends_back(home: House) -> None:
    secret = home.come_in()
    shown = page(home, "/").text
    assert f'<meta name="csrf-token" content="{csrf.token_of(secret)}">' in shown
    out = home.browser.post("/sign-out", headers=OWN, data={"csrf": hidden(shown, "csrf")})
    assert out.headers["location"] == "/sign-in"
    assert home.who(home.another(cookies={cookies.SESSION: secret})) is None


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (ADA, "not this one"),
        ("nobody@example.org", PASSWORD),
        (BEN, PASSWORD),
        ("", ""),
        (ADA, "x" * 999),
    ],
)
def test_whoever_it_is_not_sees_the_form_again(home: House, email: str, password: str) -> None:
    answer = home.sign_in(email, password, next="/x")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "That did not work: the address or the password is wrong." in words(answer.text)
    assert hidden(answer.text, "next") == "/x"
    assert password not in answer.text or not password


@pytest.mark.parametrize("after", ["https://evil.example", "//evil.example", "/\\evil.example", ""])
def test_signing_in_never_leads_to_another_site(home: House, after: str) -> None:
    assert home.sign_in(next=after).headers["location"] == "/"
    assert hidden(page(home, f"/sign-in?next={after}").text, "next") == "/"


def test_what_is_in_the_address_is_shown_as_text(home: House) -> None:
    shown = page(home, '/sign-in?next=/"><script>alert(1)</script>').text
    assert "<script>" not in shown


def test_who_guesses_is_told_when_to_come_again(own: House) -> None:
    own.join()
    for _ in range(5):
        assert own.sign_in(password="wrong").status_code == 401
    before = told(own.services)
    answer = own.sign_in()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "try again in 1 s" in answer.text
    assert told(own.services) == before
    # From elsewhere Ada comes in.
    assert own.sign_in(browser=own.another(client=("198.51.100.9", 1))).status_code == 303
    own.clock.forward(seconds=1)
    assert own.sign_in().status_code == 303


def test_a_link_lets_somebody_choose_a_password_once(own: House) -> None:
    path = f"/invitations/{own.services.accounts.invite(ADA, 'operator')}"
    shown = page(own, path)
    assert "Welcome, Ada Field" in shown.text
    for form, said in (
        ({"password": "short", "again": "short"}, "between 12 and 200 characters"),
        ({"password": PASSWORD, "again": PASSWORD + "x"}, "the two passwords differ"),
        ({"password": "password1234", "again": "password1234"}, "first that anybody would guess"),
    ):
        answer = own.browser.post(path, data=form, headers=OWN)
        assert answer.status_code == 422
        assert said in answer.text
        assert own.who() is None
    done = own.browser.post(path, data={"password": PASSWORD, "again": PASSWORD}, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert own.who() == "Ada Field"
    for answer in (page(own, path), own.browser.post(path, data={}, headers=OWN)):
        assert answer.status_code == 404
    assert own.sign_in().status_code == 303


def test_a_link_of_nobody_is_not_there(home: House) -> None:
    for link in ("x", "A" * 43, "a" * 300):
        assert page(home, f"/invitations/{link}").status_code in (404, 422)


def test_the_account_shows_sessions_and_ends_them(own: House) -> None:
    own.join()
    there = own.another(headers={"User-Agent": "A <telephone>"})
    own.sign_in(browser=there)
    own.come_in()
    shown = page(own, "/account").text
    assert "A &lt;telephone&gt;" in shown
    assert "this one" in shown
    held = there.get("/api/v1/sessions").json()["sessions"]
    (session,) = [one["id"] for one in held if one["current"]]
    path = f"/account/sessions/{session}"
    assert own.browser.post(path, headers=OWN).status_code == 403
    done = own.browser.post(path, data={"csrf": hidden(shown, "csrf")}, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert own.who(there) is None
    other = f"/account/sessions/{session + 99}"
    gone = own.browser.post(other, data={"csrf": hidden(shown, "csrf")}, headers=OWN)
    assert gone.status_code == 404


def change(own: House, current: str, new: str, again: str | None = None) -> Response:
    form = {"current": current, "password": new, "again": again or new, "csrf": own.csrf()}
    answer: Response = own.browser.post("/account/password", data=form, headers=OWN)
    return answer


def test_a_password_is_changed_on_the_account_s_page(own: House) -> None:
    own.join()
    there = own.another()
    own.sign_in(browser=there)
    own.sign_in()
    for current, new, again, said in (
        ("wrong", NEW, NEW, "the current password is wrong"),
        (PASSWORD, "short", "short", "between 12 and 200 characters"),
        (PASSWORD, NEW, "x", "the two passwords differ"),
    ):
        answer = change(own, current, new, again)
        assert answer.status_code == 422
        assert said in answer.text
    done = change(own, PASSWORD, NEW)
    assert done.status_code == 200
    assert "Your password is changed" in done.text
    assert (own.who(), own.who(there)) == ("Ada Field", None)
    assert own.sign_in().status_code == 401
    assert own.sign_in(password=NEW).status_code == 303


def test_guessing_the_current_password_is_slowed_down(own: House) -> None:
    own.join()
    own.sign_in()
    answers = [change(own, "wrong", NEW) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "1"


def test_who_has_no_password_is_not_asked_for_one(home: House) -> None:
    home.come_in(BEN)
    assert 'name="current"' not in page(home, "/account").text


@pytest.mark.parametrize(
    ("base", "auth", "headers", "kept"),
    [
        (PUBLIC, {"public_url": ""}, {}, True),
        ("http://localhost:8320", {"public_url": ""}, {}, True),
        ("http://127.0.0.1:8320", {"public_url": ""}, {}, True),
        ("http://knows.example.org", {"public_url": ""}, {}, False),
        ("http://10.0.0.5:8320", {"public_url": ""}, {}, False),
        ("http://knows.example.org", {"public_url": ""}, {"X-Forwarded-Proto": "https"}, True),
        ("http://knows.example.org", {}, {}, True),
    ],
)
def test_the_form_says_where_a_browser_would_forget_at_once(
    tmp_path: Path, base: str, auth: dict[str, str], headers: dict[str, str], kept: bool
) -> None:
    with house(tmp_path, **auth) as made:
        shown = made.another(base_url=base).get("/sign-in", headers=headers)
        assert ("keep a session only over https" not in shown.text) is kept


def test_only_the_ways_that_there_are_are_shown(tmp_path: Path) -> None:
    with house(tmp_path / "a", local_accounts=False) as made:
        link = made.services.accounts.invite(ADA, "operator")
        shown = page(made, "/sign-in").text
        assert 'type="password"' not in shown
        assert "Only programs can come in here" in shown
        assert made.sign_in().status_code == 404
        assert page(made, f"/invitations/{link}").status_code == 404
        form = {"password": PASSWORD, "again": PASSWORD}
        done = made.browser.post(f"/invitations/{link}", data=form, headers=OWN)
        assert done.status_code == 404
        assert made.services.accounts.invited(link).name == "Ada Field"
    proxy = {"proxies": "10.0.0.1", "proxy_user_header": "X-User"}
    with house(tmp_path / "b", **proxy) as made:
        assert "signed in by it" in page(made, "/sign-in").text


def test_nothing_of_it_is_in_the_log(home: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    link = home.services.accounts.invite(BEN, "operator")
    page(home, f"/invitations/{link}")
    home.sign_in(password="a wrong password")
    secret = home.come_in()
    page(home, "/account")
    written = [one for one in caplog.records if one.name.startswith("whoknows")]
    assert written
    told = " ".join(str(record.__dict__) for record in written)
    for hidden_from_it in (link, "a wrong password", secret, ADA):
        assert hidden_from_it not in told


def test_sessions_hold_in_every_process(own: House, tmp_path: Path) -> None:
    """Nothing is remembered between two requests: another process says the same."""
    secret = own.services.sessions.begin(own.person(), "local", Browser())[1]
    other = Services(own.services.settings, now=own.clock)
    try:
        assert other.sessions.identify(secret).person.name == "Ada Field"
        other.accounts.disable(own.person(), "operator")
    finally:
        other.close()
    own.keep(secret)
    assert own.who() is None
