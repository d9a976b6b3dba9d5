"""Where what can be made again is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer import cache


def test_the_users_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "given"))
    assert cache.usable(tmp_path / "other") == tmp_path / "given" / "whoknows"
    assert (tmp_path / "given" / "whoknows").stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored, says the specification
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.usable(tmp_path / "other") == tmp_path / "home" / ".cache" / "whoknows"


def test_a_user_without_a_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache.usable(tmp_path / "other") == tmp_path / "other"
