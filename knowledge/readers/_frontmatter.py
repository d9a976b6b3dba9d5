"""YAML front matter: what an author may say about a document above its text.

All keys are optional: ``title``, ``author`` or ``authors``, ``tags``, ``kind``, ``level``,
``created`` (or ``date``), ``updated``, ``audience``, ``url``. Keys of other tools are left alone,
and so are values of theirs that mean nothing here (``level: 2``); only what would put a document
before the wrong readers, ``audience``, must be understood, or the document is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import parseaddr
from enum import StrEnum
from typing import TypeVar

import yaml

from knowledge.archives import Refused
from knowledge.types import Audience, Contributor, Kind, Level, Role

MAX_BYTES = 64_000

_OPEN = re.compile(r"---[ \t]*\r?\n")
_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_KEY = re.compile(r"\s*(?:#.*\n\s*)*[\w\"'][\w .\"'-]*:(?:\s|\Z)")
# However odd the rest: text that limits its readers must not be taken for a plain body.
_SAFE_SIDE = re.compile(r"^\s*[\[{&*!?]|\baudience\b[\"']?\s*:", re.IGNORECASE)
_AUTHOR = re.compile(r"\s*([^<>]*?)\s*<([^<>]*)>\s*")
_Enum = TypeVar("_Enum", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What was said; None and empty where nothing was."""

    title: str | None = None
    kind: Kind | None = None
    template: str | None = None
    level: Level | None = None
    level_given: str | None = None
    authors: tuple[Contributor, ...] = ()
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    audience: Audience | None = None
    url: str | None = None


class _Loader(yaml.SafeLoader):
    """Safe values only, and no aliases: a few nested ones fill any memory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.YAMLError("anchors and aliases (& and *) are not allowed; write it out")
        return super().compose_node(parent, index)


def parse(text: str) -> tuple[FrontMatter, str]:
    """Split ``text`` into its front matter and the body, which is left as it came.

    Raises Refused with the line and what is wrong with it.
    """
    values, body = _split(text)
    return (understand(values) if values else FrontMatter()), body


def aliases(text: str) -> list[str]:
    """What else a page is called, as its front matter says. Raises Refused for a broken one."""
    values, _ = _split(text)
    given = next((values[k] for k in ("aliases", "alias") if values.get(k) is not None), None)
    named = given if isinstance(given, list) else str(given or "").split(",")
    return [name for one in named if (name := _string(one))]


def _split(text: str) -> tuple[Mapping[str, object], str]:
    opened = _OPEN.match(text)
    if opened is None:
        return {}, text
    closed = _CLOSE.search(text, opened.end())
    # A text may also just begin with a horizontal rule; a key below it tells them apart.
    is_block = _KEY.match(text, opened.end()) is not None
    if closed is None:
        if is_block:
            raise Refused("line 1: the front matter is never closed; end it with a line ---")
        return {}, text
    block = text[opened.end() : closed.start()]
    if block.strip() and not (is_block or _SAFE_SIDE.search(block)):
        return {}, text
    if len(block.encode()) > MAX_BYTES:
        raise Refused(f"the front matter is larger than {MAX_BYTES // 1000} kB; shorten it")
    return mapping(block, "front matter", first_line=2), text[closed.end() :]


def mapping(block: str, what: str, first_line: int = 1) -> Mapping[str, object]:
    """YAML as keys in lower case and their values; empty for a blank one.

    ``what`` names it in messages. Raises Refused with the line and what is wrong with it.
    """
    try:
        values = yaml.load(block, _Loader)  # noqa: S506 — a SafeLoader  # nosec B506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + first_line}: " if mark else ""
        raise Refused(f"{where}broken {what} ({error.problem or error.context})") from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        shown = " ".join(str(error).split())[:200]
        raise Refused(f"broken {what} ({shown})") from error
    except RecursionError as error:
        raise Refused(f"broken {what} (nested too deeply)") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise Refused(f"broken {what} (it must be lines of the form key: value)")
    return {str(k).strip().lower(): v for k, v in values.items()}


def understand(values: Mapping[str, object]) -> FrontMatter:
    """What keys and values mean. Raises Refused for an audience that means nothing."""

    def first(*keys: str) -> object:
        return next((values[k] for k in keys if values.get(k) is not None), None)

    return FrontMatter(
        title=_string(first("title")),
        kind=_choice(Kind, first("kind", "type")),
        template=_string(first("template")),
        level=_choice(Level, first("level")),
        level_given=_string(first("level")),
        authors=tuple(
            a
            for role, given in (
                (Role.AUTHOR, first("author", "authors")),
                (Role.HOST, first("host", "hosts")),
                (Role.SPEAKER, first("speaker", "speakers")),
                (Role.EDITOR, first("editor", "editors")),
            )
            for one in (given if isinstance(given, list) else [given])
            if (a := author(one, role))
        ),
        tags=_tags(first("tags", "keywords")),
        created_at=moment(first("created", "created_at", "date")),
        updated_at=moment(first("updated", "updated_at", "modified", "lastmod", "date")),
        audience=_audience(first("audience")),
        url=_string(first("url", "canonical_url")),
    )


def moment(value: object) -> datetime | None:
    """A date or time as an aware one in UTC, None for what is neither; naive means UTC."""
    if isinstance(value, str):
        # Jekyll writes "2024-03-05 10:00:00 -0500".
        written = re.sub(r"(:\d\d(?:\.\d+)?)[ \t]+([+-]\d\d:?\d\d)$", r"\1\2", value.strip())
        try:
            value = datetime.fromisoformat(written)
        except ValueError:
            return None
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        except OverflowError:
            return None
    if isinstance(value, date):
        return datetime.combine(value, time(), UTC)
    return None


def _string(value: object) -> str | None:
    if value is None or isinstance(value, (dict, list, bool)):
        return None
    return " ".join(str(value).split()) or None


def _choice(choices: type[_Enum], value: object) -> _Enum | None:
    try:
        return choices(str(value).strip().lower())
    except ValueError:
        return None


def _tags(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else str(value or "").split(",")
    named = (_string(tag) for tag in given)
    return tuple(dict.fromkeys(tag.lstrip("#") for tag in named if tag and tag.strip("#")))


def author(value: object, role: Role = Role.AUTHOR) -> Contributor | None:
    """A person as front matter names them: ``Name``, ``Name <address>``, an address, or keys."""
    if isinstance(value, dict):
        email = _string(value.get("email"))
        handle = _string(value.get("handle") or value.get("login"))
        name = _string(value.get("name")) or handle or email
        given = _choice(Role, value.get("role"))
        label = _string(value.get("label"))
        return (
            Contributor(name, given or role, email=email, handle=handle, label=label)
            if name
            else None
        )
    written = _string(value)
    if not written:
        return None
    if match := _AUTHOR.fullmatch(written):
        email = match[2].strip() or None
        return Contributor(match[1] or email or written, role, email=email)
    if "@" in written[1:] and " " not in written:
        return Contributor(written, role, email=parseaddr(written)[1] or None)
    return Contributor(written, role)


def _audience(value: object) -> Audience | None:
    """``everyone``, or a list of clauses that must all hold; a clause may be a list of tokens."""
    if value is None:
        return None
    given = value if isinstance(value, list) else [value]
    try:
        return Audience.of(
            *(
                [str(token).strip() for token in clause]
                if isinstance(clause, list)
                else str(clause).strip()
                for clause in given
            )
        )
    except ValueError as error:
        raise Refused(f"audience: {error}") from error
