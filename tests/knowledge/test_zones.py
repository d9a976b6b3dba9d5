"""Names of time zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.errors import InvalidSettings
from knowledge.settings import ServeSettings, load_settings
from knowledge.zones import zone_named


def test_a_zone_knows_its_summer() -> None:
    zone = ServeSettings(time_zone="Europe/Berlin").zone
    offsets = [datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    assert offsets == [timedelta(hours=1), timedelta(hours=2)]


def test_utc_needs_no_list() -> None:
    assert zone_named("UTC") is UTC


@pytest.mark.parametrize("name", ["Atlantis/Centre", "../../etc/passwd", "", "Europe", "\0"])
def test_what_is_none_is_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="no time zone that this machine knows"):
        ServeSettings(time_zone=name)
    if "\0" not in name:
        monkeypatch.setenv("WHOKNOWS_SERVE_TIME_ZONE", name)
        with pytest.raises(InvalidSettings, match="setting WHOKNOWS_SERVE_TIME_ZONE: "):
            load_settings()
