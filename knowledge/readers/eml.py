"""Mail messages (.eml), as mail programs save them one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import errors, policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import getaddresses

from knowledge.exports import Entry, Refused
from knowledge.readers import _office
from knowledge.readers._attachments import embedded
from knowledge.readers._claims import Claim
from knowledge.readers._html import soup, to_markdown
from knowledge.readers._office import Told
from knowledge.readers._text import cut
from knowledge.types import Attachment, Contributor, Loss, LossKind, Role, SourceDocument

DESCRIPTION = "mail messages (.eml), with what is attached to them"

MAX_PARTS = 500

_TELLING = re.compile(rb"^(?:from|date|subject|message-id|received|mime-version):", re.I | re.M)
_REPLY = re.compile(r"^(?:(?:re|aw|fwd?|wg|sv|tr)\s*(?:\[\d+\])?:\s*)+", re.IGNORECASE)


def claims(entry: Entry) -> Claim:
    """Any ``.eml`` file; what is none inside is refused by ``read`` with the reason."""
    if entry.suffix != ".eml":
        return Claim.NO
    with entry.open() as stream:
        return Claim.CONTENT if _TELLING.search(stream.read(4096)) else Claim.NAME


def read(entry: Entry, source: str) -> Iterator[SourceDocument]:
    """The message as one document."""
    yield _office.document(entry, source, decode(entry.read()))


def decode(data: bytes) -> Told:
    """What a message says. Raises Refused with the reason."""
    data = data.lstrip(b"\r\n \t\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if not _TELLING.search(data[:100_000].partition(b"\n\n")[0]):
        raise Refused("not a mail message: it has no From, Date or Subject; save it anew")
    try:
        message = BytesParser(policy=policy.default).parsebytes(data)
        assert isinstance(message, EmailMessage)
        told = _told(message)
    except RecursionError as error:
        raise Refused("nests too deeply; forward its parts one by one") from error
    except (errors.MessageError, LookupError, ValueError, TypeError, AttributeError) as error:
        # The library takes some broken headers apart only when they are asked for.
        raise Refused(f"damaged ({cut(str(error))[:120]}); save it anew") from error
    if not told.body.strip():
        raise Refused("there is no text in it")
    return told


def _told(message: EmailMessage) -> Told:
    subject = _header(message, "subject")
    at = _moment(message)
    attachments, losses = _attached(message)
    text = _text(message)
    # Pictures that the text shows need not be listed.
    loose = [one for one in attachments if one.href not in text]
    listed = "\n".join(f"- [{_label(one.name)}]({one.href})" for one in loose)
    body = "\n\n".join(
        part for part in (text, f"**Attachments:**\n\n{listed}" if listed and text else "") if part
    )
    return Told(
        body + "\n" if body else "",
        cut(_REPLY.sub("", subject)) or cut(subject) or None,
        tuple(_people(message, at)),
        created_at=at,
        updated_at=at,
        losses=tuple(losses),
        attachments=tuple(attachments),
    )


def _text(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    content = _content(part)
    if not isinstance(content, str):
        return ""
    content = content.replace("\0", "")
    if part.get_content_subtype() == "html":
        tree = soup(content)
        return to_markdown(tree).strip() if tree.get_text(strip=True) else ""
    # What follows is a signature: by convention, and only there.
    return re.split(r"\n-- \n", content, maxsplit=1)[0].strip()


def _content(part: MIMEPart) -> object:
    try:
        return part.get_content()
    except (LookupError, KeyError):
        # An unknown character set, or a kind of content that the library has no words for.
        payload = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(payload, bytes):
            return payload.decode("utf-8", "replace")
        return payload


def _attached(message: EmailMessage) -> tuple[list[Attachment], list[Loss]]:
    """What is attached, and by name what of it cannot be kept."""
    attachments: list[Attachment] = []
    losses: list[Loss] = []
    for number, part in enumerate(message.iter_attachments(), 1):
        name = cut((part.get_filename() or "").replace("\0", "")) or f"attachment {number}"
        content_id = str(part.get("content-id") or "").strip().strip("<>")
        data = _content(part)
        if isinstance(data, str):
            data = data.encode("utf-8", "replace")
        if number > MAX_PARTS or not isinstance(data, bytes):
            losses.append(Loss(LossKind.ATTACHMENT, f"{name}: a message or a part of its own"))
            continue
        inline = part.get_content_maintype() == "image" and re.fullmatch(r"[\w.@+-]+", content_id)
        href = f"cid:{content_id}" if inline else f"attachments/{number}-{_safe(name)}"
        attachments.append(embedded(data, href, name))
    return attachments, losses


def _people(message: EmailMessage, at: datetime | None) -> Iterator[Contributor]:
    written = [str(value) for value in message.get_all("from", [])]
    for name, address in getaddresses(written):
        called = " ".join((name or address).split())
        email = address if re.fullmatch(r"[^@\s]+@[^@\s]+", address) else None
        if called:
            yield Contributor(called, Role.AUTHOR, email=email, at=at)


def _moment(message: EmailMessage) -> datetime | None:
    header = message.get("date")
    at = getattr(header, "datetime", None)
    if not isinstance(at, datetime):
        return None
    try:
        # "-0000" says that nobody knows the zone.
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name) or "").replace("\0", "").split())


def _safe(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-") or "file"


def _label(name: str) -> str:
    return re.sub(r"([\\\[\]*`<])", r"\\\1", name)
