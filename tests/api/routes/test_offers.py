"""What people would teach and want to learn, and what is shown of it."""

from __future__ import annotations

import io
import json
import zipfile

from knowledge.offers import MOST
from tests.api.routes.support import Served


def test_somebody_says_it_and_colleagues_see_it(service: Served) -> None:
    for kind, topic in (
        ("teach", " Firing  a kiln "),
        ("learn", "Glazes"),
        ("teach", "firing a KILN"),
    ):
        said = service("POST", "/people/me/offers", json={"kind": kind, "topic": topic})
        assert said.status_code == 201, said.text
    told = service.get("/people/me/offers").json()["offers"]
    assert [(one["kind"], one["topic"]) for one in told] == [
        ("teach", "Firing a kiln"),
        ("learn", "Glazes"),
    ]
    assert service.get("/people/1", "ben").json()["offers"] == told
    assert service.get("/people/me/offers", "ben").json() == {"offers": []}
    key = told[0]["id"]
    assert service("DELETE", f"/people/me/offers/{key}", "ben").status_code == 404
    assert service("DELETE", f"/people/me/offers/{key}").status_code == 204
    assert service("DELETE", f"/people/me/offers/{key}").status_code == 404


def test_what_cannot_be_meant_is_refused(service: Served) -> None:
    for given in (
        {"kind": "sell", "topic": "x"},
        {"kind": "teach", "topic": "  "},
        {"kind": "teach"},
    ):
        assert service("POST", "/people/me/offers", json=given).status_code == 422
    for number in range(MOST):
        service("POST", "/people/me/offers", json={"kind": "learn", "topic": f"t{number}"})
    refused = service("POST", "/people/me/offers", json={"kind": "learn", "topic": "more"})
    assert (refused.status_code, "take one back" in refused.json()["detail"]) == (422, True)
    assert (
        service(
            "POST", "/people/me/offers", "nobody", json={"kind": "learn", "topic": "x"}
        ).status_code
        == 403
    )


def test_it_is_handed_out_goes_with_its_person_and_stays_one_person_s(service: Served) -> None:
    services = service.services
    service("POST", "/people/me/offers", "ben", json={"kind": "teach", "topic": "Glazes"})
    service("POST", "/people/me/offers", json={"kind": "learn", "topic": "What Ben Osei knows"})
    services.merging.merge(3, 2, force=True)
    merged = service.get("/people/3", "ada").json()["offers"]
    assert [one["topic"] for one in merged] == ["Glazes"]
    file = io.BytesIO()
    services.takeout.write(3, "operator", file)
    with zipfile.ZipFile(file) as archive:
        told = json.loads(archive.read("person.json"))
    assert [one["topic"] for one in told["offers"]] == ["Glazes"]
    services.erasing.erase(3)
    # Of another's, what has their name in it goes as well.
    assert service.get("/people/me/offers").json() == {"offers": []}
