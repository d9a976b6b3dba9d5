"""Confluence's XML export of an invented space, written for a test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

_CORE = "com.atlassian.confluence"
_PACKAGES = {
    "Space": "spaces",
    "Page": "pages",
    "Comment": "pages",
    "Attachment": "pages",
    "BodyContent": "core",
    "ConfluenceUserImpl": "user",
    "InternalUser": "crowd",
    "SpacePermission": "security",
    "ContentPermissionSet": "security",
    "ContentPermission": "security",
    "Labelling": "labels",
    "Label": "labels",
}
_DAY = "2024-11-20 14:00:00.000"


@dataclass(frozen=True)
class Page:
    """A page. ``body`` is of Confluence's storage format; ``readers`` restrict it, if there are
    any: handles, and groups as ``group:NAME``. ``comments`` are (handle, text)."""

    id: int
    title: str
    body: str
    author: str = "mara.quill"
    parent: int | None = None
    labels: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    comments: tuple[tuple[str, str], ...] = ()


def space(pages: Iterable[Page], people: Mapping[str, str], group: str = "staff") -> bytes:
    """The export as a zip; ``people`` are names by handles, ``group`` may see the space."""
    pages = list(pages)
    things = list(_head(people, group))
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            things += _page(page)
            for number, data in enumerate(page.files.values()):
                _put(archive, f"attachments/{page.id}/{_file(page, number)}/1", data)
        _put(archive, "entities.xml", _document(things).encode())
        _put(archive, "exportDescriptor.properties", b"exportType=space\nspaceKey=OPS\n")
    return raw.getvalue()


def link(title: str, text: str) -> str:
    """A link to a page, as the storage format writes it."""
    return (
        f'<p><ac:link><ri:page ri:content-title="{escape(title)}" />'
        f"<ac:link-body>{escape(text)}</ac:link-body></ac:link></p>"
    )


def image(name: str) -> str:
    """An attached image, likewise."""
    return f'<p><ac:image><ri:attachment ri:filename="{escape(name)}" /></ac:image></p>'


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    # Always of the same moment, which is part of what a document is.
    archive.writestr(zipfile.ZipInfo(name, (2025, 3, 4, 12, 0, 0)), data)


def _document(things: list[str]) -> str:
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<hibernate-generic datetime="2025-03-04 09:12:44">',
            *things,
            "</hibernate-generic>",
        ]
    )


def _head(people: Mapping[str, str], group: str) -> Iterator[str]:
    yield _object("Space", 1, name="Operations", key="OPS", lowerKey="ops", spaceStatus="CURRENT")
    permission = {"space": ("Space", 1), "type": "VIEWSPACE", "group": group}
    yield _object("SpacePermission", 2, **permission)
    for number, (handle, name) in enumerate(people.items()):
        yield _object(
            "ConfluenceUserImpl",
            f"key-{handle}",
            name=handle,
            lowerName=handle,
            email=_mail(handle),
        )
        yield _object(
            *("InternalUser", 10 + number),
            name=handle,
            lowerName=handle,
            displayName=name,
            emailAddress=_mail(handle),
        )


def _mail(handle: str) -> str:
    return f"{handle}@fennmoor.example"


def _user(handle: str) -> tuple[str, str]:
    return ("ConfluenceUserImpl", f"key-{handle}")


def _file(page: Page, number: int) -> int:
    return page.id * 100 + number


def _page(page: Page) -> Iterator[str]:
    more: dict[str, object] = {}
    if page.parent is not None:
        more["parent"] = ("Page", page.parent)
    yield _written("Page", page.id, page.author, page.title, space=("Space", 1), **more)
    yield _body(page.id, "Page", page.body)
    for number, label in enumerate(page.labels):
        key = page.id * 100 + number
        yield _object("Label", key, name=label, namespace="global")
        yield _object("Labelling", key, label=("Label", key), content=("Page", page.id))
    for number, name in enumerate(page.files):
        about = {"containerContent": ("Page", page.id), "space": ("Space", 1)}
        yield _written("Attachment", _file(page, number), page.author, name, **about)
    for number, (who, text) in enumerate(page.comments):
        key = page.id * 100 + 50 + number
        yield _written("Comment", key, who, "", containerContent=("Page", page.id))
        yield _body(key, "Comment", f"<p>{escape(text)}</p>")
    if page.readers:
        yield _object("ContentPermissionSet", page.id, type="View", owningContent=("Page", page.id))
    for number, reader in enumerate(page.readers):
        who: dict[str, object] = (
            {"groupName": reader.removeprefix("group:")}
            if reader.startswith("group:")
            else {"userSubject": _user(reader)}
        )
        owner = ("ContentPermissionSet", page.id)
        yield _object(
            *("ContentPermission", page.id * 100 + number), type="View", owningSet=owner, **who
        )


def _written(kind: str, key: int, who: str, title: str, **more: object) -> str:
    return _object(
        *(kind, key),
        title=title,
        version="1",
        creator=_user(who),
        creationDate=_DAY,
        lastModifier=_user(who),
        lastModificationDate=_DAY,
        **{"contentStatus": "current", **more},
    )


def _body(of: int, kind: str, text: str) -> str:
    key = of + 10_000_000
    return _object("BodyContent", key, body=text, content=(kind, of), bodyType="2")


def _object(_kind: str, _id: object, **properties: object) -> str:
    name = "key" if _kind == "ConfluenceUserImpl" else "id"
    lines = [f'<object class="{_kind}" package="{_CORE}.{_PACKAGES[_kind]}">']
    lines.append(f'<id name="{name}">{_text(_id)}</id>')
    for key, value in properties.items():
        if isinstance(value, tuple):
            kind, target = value
            inner = "key" if kind == "ConfluenceUserImpl" else "id"
            lines.append(
                f'<property name="{key}" class="{kind}" package="{_CORE}.{_PACKAGES[kind]}">'
                f'<id name="{inner}">{_text(target)}</id>\n</property>'
            )
        else:
            lines.append(f'<property name="{key}">{_text(value)}</property>')
    return "\n".join([*lines, "</object>"])


def _text(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{str(value).replace(']]>', ']] >')}]]>"
