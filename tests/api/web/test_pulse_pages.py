"""Measures, their review and the monthly form, as a browser without scripts has them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from api.web import reviewing
from knowledge.advising import Advice
from knowledge.measures import registry
from tests.api.web.support import EVIL, Site, hrefs, part, words
from tests.builders import document
from tests.measured import Figures, published

FIGURES: Figures = {
    "success": (0.5, 0.5, 0.5, 0.7),
    "answer_hours": (24.0, 24.0, 30.0, 48.0),
    "contributors": (40.0, None, 40.0, 45.0),
    ("contributors", "team:Platform"): (20.0, None, 20.0, 10.0),
    ("contributors", f"team:{EVIL}"): (20.0, 20.0, 20.0, 20.0),
}
GOAL = {"measure": "success", "of": "company", "target": "80 %", "due": "2027-01"}
TRIED = {"name": "A demo on Fridays", "measure": "contributors", "start": "2026-05"}
GOOD = {"asking": "5", "mistakes": "4", "sharing": "3", "time": "2"}


def headers(who: str = "ben", scopes: str = "search capture admin") -> dict[str, str]:
    return {"Accept": "text/html", "As": f"{who}@example.org", "Scopes": scopes}


def get(site: Site, path: str, **params: str) -> str:
    answer = site.served.client.get(path, headers=headers(), params=params or None)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def post(site: Site, path: str, who: str = "ben", **form: Any) -> Any:
    return site.served.client.post(path, data=form, headers=headers(who), follow_redirects=False)


@pytest.fixture
def told(own: Site) -> Site:
    published(own.served.services.database, FIGURES)
    return own


def test_before_the_first_month_there_is_nothing_but_what_one_can_do(own: Site) -> None:
    page = get(own, "/pulse")
    assert "No month is published yet." in page
    assert "Set a goal" in page


def test_each_measure_has_its_figure_chart_table_and_csv(told: Site) -> None:
    page = get(told, "/pulse")
    found = part(page, 'aria-labelledby="m-success"', "</section>")
    said = words(found)
    assert "Successful searches 70 % 20 points more than in the month before (50 %)" in said
    assert "Jun 2026 70 % May 2026 50 %" in said
    assert "<polyline" in found
    assert "/api/v1/measures/success/csv" in hrefs(found)
    csv = told.served.get("/measures/success/csv", "ben", admin=True)
    assert csv.headers["content-type"].startswith("text/csv")
    assert "2026-06,success" in csv.text.replace('"', "")


def test_what_is_not_told_is_said_so_and_nowhere_as_a_number(told: Site) -> None:
    page = get(told, "/pulse", of="team:Platform")
    found = part(page, 'aria-labelledby="m-contributors"', "</section>")
    assert "Apr 2026 not told not told" in words(found)
    assert "0.98" not in page
    assert "0.98" not in get(told, "/pulse")
    assert found.count("data-value") == 6


def test_a_team_stands_beside_the_company_and_only_where_it_is_told(told: Site) -> None:
    page = get(told, "/pulse", of="team:Platform")
    assert "<h1>Pulse: Platform</h1>" in page
    assert 'id="m-success"' not in page
    assert "Platform Whole company" in words(part(page, '<ul class="legend">', "</ul>"))
    bars = part(get(told, "/pulse"), '<table class="table by-team">', "</table>")
    assert "Platform 10" in words(bars)
    assert "<script>alert" not in page


def test_no_other_partition_period_or_filter_is_there(told: Site) -> None:
    client = told.served.client
    for of in ("team:Unknown", "Platform", "company&team:Platform", ""):
        answer = client.get("/pulse", headers=headers(), params={"of": of})
        assert answer.status_code == 404, of
    plain = get(told, "/pulse", of="company")
    for name in ("month", "from", "to", "week", "team", "kind"):
        more = get(told, "/pulse", of="company", **{name: "2026-04"})
        assert part(more, "<main", "</main>") == part(plain, "<main", "</main>"), name


def test_it_is_for_those_who_look_after_learning(told: Site) -> None:
    for path in ("/pulse", "/pulse/review/2026-06"):
        answer = told.get(path, "ben")
        assert answer.status_code == 404
        assert "/pulse" not in hrefs(told.get("/", "ben").text)
    assert "/pulse" in hrefs(get(told, "/gaps"))
    for path in ("/pulse/goals", "/pulse/goals/1", "/pulse/interventions", "/pulse/review/2026-06"):
        done = told.served.client.post(
            path, data=GOAL, headers=headers(scopes="search capture"), follow_redirects=False
        )
        assert done.status_code == 404, path
    assert told.served.get("/measures/success/csv").status_code == 403
    assert told.served.get("/measures/nothing/csv").status_code == 403
    assert told.served.get("/measures/nothing/csv", "ben", admin=True).status_code == 404
    assert told.served.get("/reviews/2026-06").status_code == 404


def test_a_goal_is_set_changed_and_deleted(told: Site) -> None:
    done = post(told, "/pulse/goals", **GOAL)
    assert done.headers["location"] == "/pulse?said=set#goals"
    page = get(told, "/pulse")
    assert "Successful searches, Whole company: 80 % by January 2027" in words(page)
    assert 'value="80"' in part(page, 'action="/pulse/goals/1"', "</form>")
    assert post(told, "/pulse/goals/1", **GOAL | {"target": "60", "action": "change"}).is_redirect
    assert "Reached 70 % in June 2026" in words(get(told, "/pulse"))
    assert "so that it was met already" in words(get(told, "/pulse"))
    past = GOAL | {"due": "2026-06", "action": "change"}
    assert post(told, "/pulse/goals/1", **past).is_redirect
    assert "Not reached 70 % in June 2026" in words(get(told, "/pulse"))
    wrong = post(told, "/pulse/goals", **GOAL | {"target": EVIL, "due": "2027-02"})
    assert wrong.status_code == 422
    assert "The target is a number" in words(wrong.text)
    assert 'value="2027-02"' in wrong.text
    assert "<script>alert" not in wrong.text
    assert post(told, "/pulse/goals/1", action="delete").is_redirect
    assert "Successful searches, Whole company" not in words(get(told, "/pulse"))
    assert post(told, "/pulse/goals/1", action="delete").status_code == 404


def test_what_is_tried_is_noted_with_its_effect_in_words(told: Site) -> None:
    done = post(told, "/pulse/interventions", of=["team:Platform"], **TRIED)
    assert done.headers["location"] == "/pulse?said=noted#interventions"
    said = words(part(get(told, "/pulse"), 'id="tried-1"', "</section>"))
    assert "Contributors Platform from May 2026 on" in said
    assert "Too few months are told for an interval" in said
    wrong = post(told, "/pulse/interventions", **TRIED | {"name": "Another one"})
    assert (wrong.status_code, 'value="Another one"' in wrong.text) == (422, True)
    changed = TRIED | {"name": "Two demos", "action": "change", "of": "company"}
    assert post(told, "/pulse/interventions/1", **changed).is_redirect
    assert "Two demos" in get(told, "/pulse")
    assert post(told, "/pulse/interventions/1", action="delete").is_redirect
    assert "Two demos" not in get(told, "/pulse")


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"target": "many"}, "target", "The target is a number."),
        ({"target": "300"}, "target", "The target is a number of per cent from 0 to 100."),
        ({"measure": "nothing"}, "measure", "Choose one of the measures."),
        ({"due": "next year"}, "due", "A month is written YYYY-MM, as 2026-03 is."),
        ({"of": "team:Platform"}, "of", "This measure is told of the whole company only."),
    ],
)
def test_a_goal_that_is_changed_wrongly_comes_back_as_it_was_typed(
    told: Site, wrong: dict[str, str], field: str, said: str
) -> None:
    for target in ("80", "70"):
        post(told, "/pulse/goals", **GOAL | {"target": target})
    typed = GOAL | {"target": "55.5", "due": "2028-02"} | wrong
    answer = post(told, "/pulse/goals/1", action="change", **typed)
    assert answer.status_code == 422
    assert answer.text.count('role="alert"') == 1
    form = part(answer.text, 'action="/pulse/goals/1"', "</form>")
    for name in ("target", "due"):
        assert f'name="{name}"' in form
        assert f'value="{typed[name]}"' in form
    assert 'autofocus aria-invalid="true" aria-describedby="goal-1-wrong"' in part(
        form, f'id="goal-1-{field}"', ">"
    )
    assert said in words(part(form, f'id="goal-1-{field}"', '<div class="field">') + "</p>")
    assert '<details class="more" open>' in part(answer.text, 'id="goal-1"', "</section>")
    other = part(answer.text, 'action="/pulse/goals/2"', "</form>")
    assert ('value="70"' in other, "2028-02" in other) == (True, False)
    assert "80 % by January 2027" in words(get(told, "/pulse"))


def test_what_is_tried_and_changed_wrongly_comes_back_as_it_was_typed(told: Site) -> None:
    post(told, "/pulse/interventions", of=["team:Platform"], **TRIED)
    both = {"of": ["company", "team:Platform"]}
    for wrong, field in (({"name": " "}, "name"), ({"start": "May"}, "start"), (both, "of")):
        typed: dict[str, Any] = {**TRIED, "name": "Typed", "of": ["team:Platform"], **wrong}
        answer = post(told, "/pulse/interventions/1", action="change", **typed)
        assert answer.status_code == 422, field
        form = part(answer.text, 'action="/pulse/interventions/1"', "</form>")
        assert f'value="{typed["name"]}"' in form
        assert f'value="{typed["start"]}"' in form
        checked = re.findall(r'name="of" value="([^"]*)" checked', form)
        assert checked == typed["of"]
        assert form.count('id="tried-1-wrong"') == form.count('describedby="tried-1-wrong"') == 1
        assert answer.text.count('role="alert"') == 1
        new = part(answer.text, 'action="/pulse/interventions"', "</form>")
        assert "Typed" not in new
    assert "A demo on Fridays" in get(told, "/pulse")


def test_stories_stand_beside_the_numbers(told: Site) -> None:
    told.add(document("s", "Ada helped.", title="How Ada helped me", tags=("story",)))
    assert "How Ada helped me" in words(part(get(told, "/pulse"), 'id="stories"', "</section>"))


def test_a_review_tells_what_changed_and_keeps_decisions(told: Site) -> None:
    page = words(get(told, "/pulse/review/2026-06"))
    assert "Working hours to the first answer : 48 h worse" in page
    assert "Because of Working hours to the first answer: 48 h, usually 26 h." in page
    form = {"text": f"Ask more. {EVIL}", "again": "2026-06", "measure": "answer_hours"}
    done = post(told, "/pulse/review/2026-05", **form)
    assert done.headers["location"] == "/pulse/review/2026-05?said=decided"
    due = get(told, "/pulse/review/2026-06")
    assert "<script>alert" not in due
    said = words(part(due, 'id="due"', 'id="changed"'))
    assert "by Ben Osei" in said
    assert "30 h in May 2026, 48 h in June 2026" in said
    wrong = post(told, "/pulse/review/2026-06", action="look", id="1", outcome=" ")
    assert wrong.status_code == 422
    done = post(told, "/pulse/review/2026-06", action="look", id="1", outcome="Less waiting.")
    assert done.headers["location"] == "/pulse/review/2026-06?said=looked"
    assert "Less waiting." in words(get(told, "/pulse/review/2026-06")).split("Looked at again")[1]
    assert post(told, "/pulse/review/2026-06", action="delete", id="1").is_redirect
    assert "Less waiting." not in get(told, "/pulse/review/2026-06")
    for form in ({"action": "dance"}, {"text": "", "again": "2026-09"}):
        assert post(told, "/pulse/review/2026-06", **form).status_code == 422
    assert post(told, "/pulse/review/2026-06", action="look", id="x").status_code == 404


def test_a_page_of_administrators_is_a_link_for_them_alone() -> None:
    health = Advice(registry.get("stale"), 0.4, None, "Verify it.", "/admin/health", "Health")
    topics = Advice(registry.get("at_risk"), 0.4, None, "Ask them.", "/topics", "Topics")
    for administrator, paths in ((True, ["/admin/health", "/topics"]), (False, ["", "/topics"])):
        shown = [reviewing.advice(one, administrator).path for one in (health, topics)]
        assert shown == paths


def test_the_interface_tells_the_same_review(told: Site) -> None:
    ask = told.served
    body = {"text": "Demos.", "again": "2026-06", "measure": "success"}
    made = ask("POST", "/reviews/2026-05/decisions", "ben", admin=True, json=body)
    assert (made.status_code, made.json()) == (201, {"id": 1})
    due = ask.get("/reviews/2026-06", "ben", admin=True).json()["due"]
    assert [(one["by"], one["then"], one["now"]) for one in due] == [("Ben Osei", 0.5, 0.7)]
    said = {"outcome": "It helped."}
    assert ask("PUT", "/decisions/1/outcome", "ben", admin=True, json=said).status_code == 204
    assert ask("PUT", "/decisions/1/outcome", "ben", admin=True, json=said).status_code == 409
    looked = ask.get("/reviews/2026-06", "ben", admin=True).json()["looked"]
    assert [one["outcome"] for one in looked] == ["It helped."]
    assert ask("DELETE", "/decisions/1", "ben", admin=True).status_code == 204


def test_the_form_is_offered_once_a_month_and_can_be_put_away(own: Site) -> None:
    assert "/pulse/answer" in hrefs(own.get("/", "ada").text)
    assert post(own, "/pulse/answer", "ada", action="away").headers["location"] == "/"
    assert "/pulse/answer" not in hrefs(own.get("/", "ada").text)
    assert "/pulse/answer" in hrefs(own.get("/me", "ada").text)
    wrong = post(own, "/pulse/answer", "ada", **GOOD | {"time": ""})
    assert (wrong.status_code, 'value="5" checked' in wrong.text) == (422, True)
    assert post(own, "/pulse/answer", "ada", **GOOD).headers["location"] == "/pulse/answer"
    assert "You answered this month." in own.get("/pulse/answer", "ada").text
    assert post(own, "/pulse/answer", "ada", **GOOD).status_code == 409
    assert "/pulse/answer" in hrefs(own.get("/", "cleo").text)


def test_programs_answer_too(own: Site) -> None:
    ask, body = own.served, {key: int(value) for key, value in GOOD.items()}
    assert ask.get("/comfort").json()["answered"] is None
    assert ask("POST", "/comfort", json=body | {"time": 6}).status_code == 422
    assert ask("POST", "/comfort", json=body).json()["answered"] is True
    assert ask("POST", "/comfort", json=body).status_code == 409
    assert ask("POST", "/comfort", "nobody", json=body).status_code == 403
