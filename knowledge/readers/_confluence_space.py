"""What a Confluence export holds: small records in memory, bodies in a temporary file.

Only what is small is kept, and no more of it than ``MAX_RECORDS``: so a dump of gigabytes is read
once, from front to back, in memory that its number of pages decides and not its size.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import IO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from knowledge.exports import Entry, Refused
from knowledge.readers._confluence_entities import Thing, things

MAX_RECORDS = 3_000_000
STORAGE, WIKI = "2", "0"
_XHTML = re.compile(r"<[a-zA-Z!/]|&(?:\w+|#\w+);")
"""What tells the storage format where an export does not: before version 4, none did."""
_PROPERTIES = ("inline-original-selection", "status")
_PAGES = ("Page", "BlogPost")
_ZONE = re.compile(r"^timezoneId=([\w+/-]{1,60})\s*$", re.M)
_SHOWN = ("", "current", "archived")


@dataclass(slots=True)
class Person:
    """An account: how the export names it, and whoever it is."""

    key: str
    login: str
    name: str = ""
    email: str = ""

    @property
    def handle(self) -> str:
        """What it is known by: its login, for that is what colleagues' lists hold."""
        return handle(self.login or self.key)


def handle(ref: str) -> str:
    """An account that the export only refers to. No login may hold such a bracket, and what
    stands for nobody does."""
    return ref.replace("<", "")


@dataclass(slots=True)
class Space:
    """A space, and whether the export says anything about who may view it."""

    id: str
    key: str
    name: str
    home: str
    archived: bool
    lists_permissions: bool


@dataclass(slots=True)
class Content:
    """A page, blog post, comment or attachment, in one of its versions."""

    id: str
    kind: str
    title: str
    space: str
    parent: str
    ancestors: tuple[str, ...]
    container: str
    status: str
    original: str
    version: int
    creator: str
    editor: str
    created: datetime | None
    updated: datetime | None
    bodies: tuple[str, ...]
    permission_sets: tuple[str, ...]
    properties: tuple[str, ...]

    @property
    def current(self) -> bool:
        """Whether a reader of the wiki sees it: no draft, nothing deleted, no former version."""
        return not self.original and self.status.lower() in _SHOWN


@dataclass(slots=True)
class Body:
    """Where a text lies in the temporary file, and which markup it is in; ``oversize`` when it
    was too large to be kept."""

    offset: int
    size: int
    kind: str
    oversize: bool = False


@dataclass(slots=True)
class PermissionSet:
    """Who may view (or edit) one content: the ids of the permissions that it lists."""

    kind: str
    owner: str
    permissions: tuple[str, ...]


@dataclass(slots=True)
class Grant:
    """One permission: an account, by its key or its login, or a group."""

    kind: str
    owner: str
    user: str
    login: str
    group: str
    everybody: str | None


def _spool() -> IO[bytes]:
    return tempfile.TemporaryFile()


@dataclass(slots=True)
class Dump:
    """Everything of one ``entities.xml``, by id. Close it: it owns the temporary file."""

    zone: tzinfo = UTC
    people: dict[str, Person] = field(default_factory=dict)
    profiles: dict[str, Person] = field(default_factory=dict)
    spaces: dict[str, Space] = field(default_factory=dict)
    pages: dict[str, Content] = field(default_factory=dict)
    others: dict[str, Content] = field(default_factory=dict)
    comments: dict[str, Content] = field(default_factory=dict)
    attachments: dict[str, Content] = field(default_factory=dict)
    former: set[str] = field(default_factory=set)
    bodies: dict[str, Body] = field(default_factory=dict)
    body_of: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    labelled: dict[str, list[str]] = field(default_factory=dict)
    properties: dict[str, tuple[str, str]] = field(default_factory=dict)
    sets: dict[str, PermissionSet] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    views: dict[str, list[Grant]] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)
    _records: int = 0
    _at: int = 0
    _file: IO[bytes] = field(default_factory=_spool)

    def close(self) -> None:
        """Let the temporary file go."""
        self._file.close()

    def body(self, content: Content) -> tuple[str, str]:
        """A content's text and its markup; the text is blank where there is none.

        Raises Refused when it was too large to be kept.
        """
        ids = [i for i in content.bodies if i in self.bodies]
        told = self.body_of.get(content.id)
        found = self.bodies.get(ids[-1] if ids else told or "")
        if found is None:
            return "", STORAGE
        if found.oversize:
            raise Refused("its text is larger than a page may be; split it")
        self._file.seek(found.offset)
        return self._file.read(found.size).decode().replace("]] >", "]]>"), found.kind

    def person(self, ref: str) -> Person | None:
        """An account by its key or its login."""
        return self.people.get(ref) or self.profiles.get(ref.lower())

    def take(self, thing: Thing) -> None:
        """Keep of an object what is needed later."""
        if taker := _TAKERS.get(thing.kind):
            taker(self, thing)
        elif "contentStatus" in thing.text and thing.id:
            # Folders, whiteboards and whatever comes: pages may lie below them.
            self.others[thing.id] = _content(self, thing)
        else:
            return
        self._records += 1
        if self._records > MAX_RECORDS:
            raise Refused("more pages and comments than can be read at once; export fewer spaces")

    def keep(self, thing: Thing) -> None:
        """A body, which goes to the file."""
        text = thing.text.get("body", "")
        data = text.encode("utf-8", "replace")
        kind = thing.get("bodyType") or (STORAGE if _XHTML.search(text) else WIKI)
        if owner := thing.ref("content"):
            self.body_of[owner] = thing.id
        self._file.seek(0, 2)
        self.bodies[thing.id] = Body(self._at, len(data), kind, thing.oversize)
        self._file.write(data)
        self._at += len(data)


def load(entry: Entry, limit: int) -> Dump:
    """All of an export's main file. Raises Refused when it is damaged."""
    dump = Dump(zone=_zone(entry))
    try:
        for thing in things(entry, limit):
            dump.take(thing)
        _finish(dump)
    except BaseException:
        dump.close()
        raise
    return dump


def _finish(dump: Dump) -> None:
    """Join what the export spreads over several objects."""
    for person in dump.people.values():
        profile = dump.profiles.get(person.login.lower())
        if profile is not None:
            person.name = person.name or profile.name
            person.email = person.email or profile.email
        if "@" in person.login and not person.email:
            person.email = person.login
    counted: dict[str, int] = {}
    for person in dump.people.values():
        counted[person.email.lower()] = counted.get(person.email.lower(), 0) + 1
    for person in dump.people.values():
        # An address that several accounts share says of none of them who it is.
        if counted[person.email.lower()] > 1:
            person.email = ""
        dump.profiles[person.login.lower()] = person
    for page in dump.pages.values():
        # What some exports leave out of a former version: which page it was one of.
        if page.id in dump.former and not page.space and not page.original:
            page.original = page.id


def _zone(entry: Entry) -> tzinfo:
    """The time zone of the server that wrote the export, which says it in a file beside it."""
    about = entry.beside("exportDescriptor.properties")
    try:
        told = _ZONE.search(about.text()) if about is not None else None
        return ZoneInfo(told[1]) if told else UTC
    except (Refused, ZoneInfoNotFoundError, OSError, ValueError):
        return UTC


def _moment(told: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.fromisoformat(told.strip("' ")).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _content(dump: Dump, thing: Thing) -> Content:
    version = thing.get("version", "attachmentVersion")
    return Content(
        id=thing.id,
        kind=thing.kind,
        title=thing.get("title", "fileName"),
        space=thing.ref("space"),
        parent=thing.ref("parent"),
        ancestors=tuple(thing.many.get("ancestors", ())),
        container=thing.ref("containerContent", "content", "owner"),
        status=thing.get("contentStatus"),
        original=thing.ref("originalVersion", "originalVersionId"),
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        creator=thing.ref("creator", "creatorName"),
        editor=thing.ref("lastModifier", "lastModifierName"),
        created=_moment(thing.get("creationDate"), dump.zone),
        updated=_moment(thing.get("lastModificationDate"), dump.zone),
        bodies=tuple(thing.many.get("bodyContents", ())),
        permission_sets=tuple(thing.many.get("contentPermissionSets", ())),
        properties=tuple(thing.many.get("contentProperties", ())),
    )


def _page(dump: Dump, thing: Thing) -> None:
    page = _content(dump, thing)
    dump.former.update(i for i in thing.many.get("historicalVersions", ()) if i != thing.id)
    before = dump.pages.get(page.id)
    if before is None or not before.current or page.current:
        dump.pages[page.id] = page


def _comment(dump: Dump, thing: Thing) -> None:
    dump.comments[thing.id] = _content(dump, thing)


def _attachment(dump: Dump, thing: Thing) -> None:
    dump.attachments[thing.id] = _content(dump, thing)


def _body(dump: Dump, thing: Thing) -> None:
    dump.keep(thing)


def _space(dump: Dump, thing: Thing) -> None:
    dump.spaces[thing.id] = Space(
        id=thing.id,
        key=thing.get("key"),
        name=thing.get("name"),
        home=thing.ref("homePage"),
        archived=thing.get("spaceStatus").upper() == "ARCHIVED",
        lists_permissions=bool(thing.many.get("permissions")),
    )


def _user(dump: Dump, thing: Thing) -> None:
    login = thing.get("name", "lowerName")
    dump.people[thing.id] = Person(thing.id, login, thing.get("fullName"), thing.get("email"))


def _profile(dump: Dump, thing: Thing) -> None:
    login = thing.get("name", "lowerName")
    name = thing.get("displayName", "fullName") or " ".join(
        part for part in (thing.get("firstName"), thing.get("lastName")) if part
    )
    dump.profiles[login.lower()] = Person(login, login, name, thing.get("emailAddress", "email"))


def _label(dump: Dump, thing: Thing) -> None:
    # "my" and "system" are one reader's favourites and the tool's own marks.
    if thing.get("namespace").lower() not in ("my", "system"):
        dump.labels[thing.id] = thing.get("name")


def _labelling(dump: Dump, thing: Thing) -> None:
    dump.labelled.setdefault(thing.ref("content"), []).append(thing.ref("label"))


def _property(dump: Dump, thing: Thing) -> None:
    if thing.get("name") in _PROPERTIES:
        dump.properties[thing.id] = thing.get("name"), thing.get("stringValue")


def _set(dump: Dump, thing: Thing) -> None:
    dump.sets[thing.id] = PermissionSet(
        thing.get("type"),
        thing.ref("owningContent"),
        tuple(thing.many.get("contentPermissions", ())),
    )


def _grant(thing: Thing, owner: str) -> Grant:
    user = thing.one.get("userSubject")
    return Grant(
        kind=thing.get("type"),
        owner=owner,
        # An account that is meant and not named must not be taken for nobody in particular.
        user="an account without a name" if user == "" else user or "",
        login=thing.get("userName"),
        group=thing.get("groupName", "group"),
        everybody=thing.text.get("allUsersSubject"),
    )


def _permission(dump: Dump, thing: Thing) -> None:
    dump.grants[thing.id] = _grant(thing, thing.ref("owningSet"))


def _space_permission(dump: Dump, thing: Thing) -> None:
    views = dump.views.setdefault(thing.ref("space"), [])
    if thing.get("type").upper() == "VIEWSPACE":
        views.append(_grant(thing, thing.ref("space")))


def _template(dump: Dump, thing: Thing) -> None:
    if not thing.ref("originalVersion", "originalVersionId"):
        dump.templates.append(thing.get("name") or thing.id)


_TAKERS: dict[str, Callable[[Dump, Thing], None]] = {
    **dict.fromkeys(_PAGES, _page),
    "Comment": _comment,
    "Attachment": _attachment,
    "BodyContent": _body,
    "Space": _space,
    "ConfluenceUserImpl": _user,
    **dict.fromkeys(("InternalUser", "DefaultHibernateUser"), _profile),
    "Label": _label,
    "Labelling": _labelling,
    "ContentProperty": _property,
    "ContentPermissionSet": _set,
    "ContentPermission": _permission,
    "SpacePermission": _space_permission,
    "PageTemplate": _template,
}
