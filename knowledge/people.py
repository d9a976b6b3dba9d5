"""Who is who: e-mail addresses, handles and names become one Person.

In this order: a known address; a known handle of the same source; an exact name that exactly one
person has and whose addresses and handles do not contradict. A name that several people have and
that nothing else decides stays a person of its own for that source, and is reported. What was
merged (``knowledge.merging``) is found under all that any of its records is known by.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from knowledge import audit, limits
from knowledge.errors import InvalidInput
from knowledge.limits import MAX_EMAIL, MAX_GROUP, MAX_NAME, MAX_SHORT
from knowledge.store import changes, merges, privacy
from knowledge.store import people as store
from knowledge.store.database import Database
from knowledge.types import Contributor, Role


@dataclass(frozen=True, slots=True)
class Resolved:
    """``ambiguous`` says that the name alone did not decide and the person was kept apart."""

    person_id: int
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A colleague as a directory describes them; None leaves what is known.

    ``email`` is where they are reached, ``other_emails`` are further addresses, such as earlier
    ones.
    """

    name: str
    email: str
    other_emails: tuple[str, ...] = ()
    handles: tuple[tuple[str, str], ...] = ()
    team: str | None = None
    title: str | None = None
    groups: tuple[str, ...] | None = None
    consent_written: bool | None = None
    consent_spoken: bool | None = None


def resolve(connection: Connection, source: str, contributor: Contributor) -> Resolved:
    """Find or create the person a source means. Raises InvalidInput for a nameless one."""
    name = " ".join(contributor.name.split())
    email = clean_email(contributor.email)
    handle = contributor.handle
    if not name:
        raise InvalidInput("a contributor without a name")
    found = email and store.by_email(connection, email)
    if not found and handle:
        found = store.by_handle(connection, source, handle)
    ambiguous = False
    if not found:
        found, ambiguous = _by_name(connection, source, name, email, handle)
    person_id = found or store.create(connection, name)
    if email and store.by_email(connection, email) is None and not _guarded(connection, found):
        store.add_email(connection, person_id, email)
    if ambiguous and not email and not handle:
        handle = _apart(name)
    if handle and store.by_handle(connection, source, handle) is None:
        store.add_handle(connection, person_id, source, handle)
    return Resolved(person_id, ambiguous)


def _guarded(connection: Connection, person_id: int | None) -> bool:
    """Whether a page must not add an address to what is known of somebody: the address may be
    another one's, who would be taken for them by the next directory."""
    if not person_id:
        return False
    return store.get(connection, person_id).listed or store.has_rights(connection, person_id)


def _by_name(
    connection: Connection, source: str, name: str, email: str | None, handle: str | None
) -> tuple[int | None, bool]:
    apart = store.by_handle(connection, source, _apart(name))
    if apart is not None and not email and not handle:
        return apart, True
    namesakes = store.by_name(connection, name)
    matches = [
        person
        for person in namesakes
        if not (email and store.emails_of(connection, person))
        and not (handle and store.handles_of(connection, person, source))
        # Whoever writes a page may put any address beside any name: that must open nothing.
        and not (email and store.has_rights(connection, person))
    ]
    if len(matches) == 1 and (len(namesakes) == 1 or bool(email or handle) is False):
        return matches[0], False
    return None, bool(namesakes)


def _apart(name: str) -> str:
    """The handle of somebody whose name alone did not decide."""
    return f"name:{store.name_key(name)}"[:MAX_NAME]


def _known(connection: Connection, profile: Profile, addresses: list[str]) -> int | None:
    """The colleague whom one of the addresses is of, or else one of the handles.

    A handle tells only of somebody who is listed under exactly this name: pages name handles, too,
    and beside any name. Raises InvalidInput when several people are meant.
    """
    held = {store.by_email(connection, address) for address in addresses} - {None}
    if not held:
        named = {store.by_handle(connection, *handle) for handle in profile.handles} - {None}
        same = store.name_key(profile.name)
        held = {
            key
            for key, person in store.load(connection, {key for key in named if key}).items()
            if person.listed and store.name_key(person.name) == same
        }
    if len(held) > 1:
        raise InvalidInput(f"what is said of {profile.name!r} is known of several people")
    return next(iter(held), None)


def _check_merges(
    connection: Connection, person_id: int, profile: Profile, addresses: list[str]
) -> None:
    """Raises InvalidInput when a merge alone says that the directory's colleague is this person,
    whom the directory knows otherwise: what is open to one must not open to the other by a
    mistake."""
    person = store.get(connection, person_id)
    for merge in merges.standing(connection, kept=person_id):
        if merge.moved["listed"] or not set(addresses) <= set(merge.moved["emails"]):
            continue
        names = {
            store.name_key(person.name),
            store.name_key(store.get(connection, merge.gone).name),
        }
        known = person.address in addresses or not person.listed
        if not known or store.name_key(profile.name) not in names:
            raise InvalidInput(
                f"{addresses[0]} is {person.name}'s since merge {merge.id}. If {profile.name} is "
                f"somebody else: whoknows person unmerge {merge.id}; if not, name an address that "
                "the directory gave before among the other ones"
            )


def _address(told: str) -> str:
    """Raises InvalidInput for what is none."""
    address = clean_email(told)
    if address is None:
        raise InvalidInput(f"{told!r} is no e-mail address")
    return address


def clean_email(email: str | None) -> str | None:
    """Lower-cased and trimmed; None for what is no address."""
    cleaned = (email or "").strip().lower()
    head, at, tail = cleaned.rpartition("@")
    good = at and head and "." in tail and not set(cleaned) & set(" <>,")
    return cleaned if good and len(cleaned) <= MAX_EMAIL else None


def _check(profile: Profile) -> None:
    for what, texts, most in (
        ("name", [profile.name], MAX_NAME),
        ("handle", [handle for _, handle in profile.handles], MAX_NAME),
        ("source of a handle", [source for source, _ in profile.handles], MAX_SHORT),
        ("team", [profile.team or ""], MAX_SHORT),
        ("title", [profile.title or ""], MAX_SHORT),
        ("group", profile.groups or (), MAX_GROUP),
    ):
        for text in texts:
            if len(text) > most:
                raise InvalidInput(f"the {what} {text[:30]!r}… is longer than {most} characters")
            if not limits.storable(text):
                raise InvalidInput(f"the {what} {text[:30]!r} holds a NUL or half a character")


class Directory:
    """Writes that concern people as such. One transaction each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def name(self, person_id: int) -> str:
        """What somebody is called. Raises NotFound."""
        with self._database.read() as connection:
            return store.get(connection, person_id).name

    def put(self, profile: Profile, by: str = "operator", *, by_name: bool = True) -> int:
        """Create or update a colleague; their documents are looked at again by the indexes. ``by``:
        whose doing it is.

        ``by_name`` False: nobody is taken for somebody because they are called the same. Raises
        InvalidInput for an invalid address, for addresses or handles of several people, and for
        texts that are too long.
        """
        addresses = [_address(told) for told in (profile.email, *profile.other_emails)]
        _check(profile)
        with self._database.write() as connection:
            person_id = _known(connection, profile, addresses)
            if person_id is not None:
                _check_merges(connection, person_id, profile, addresses)
            elif not by_name:
                person_id = store.create(connection, profile.name)
            else:
                whoever = Contributor(profile.name, Role.AUTHOR, email=addresses[0])
                person_id = resolve(connection, "", whoever).person_id
            for address in addresses:
                if store.by_email(connection, address) is None:
                    store.add_email(connection, person_id, address)
                if store.by_email(connection, address) == person_id:
                    store.vouch(connection, address)
            for namespace, handle in profile.handles:
                holder = store.by_handle(connection, namespace, handle)
                if holder is None:
                    store.add_handle(connection, person_id, namespace, handle)
                elif holder != person_id:
                    raise InvalidInput(
                        f"the handle {handle!r} of {namespace!r} belongs to somebody else"
                    )
                store.vouch(connection, None, (namespace, handle))
            # What somebody says of themselves, nobody says otherwise.
            own = privacy.own_words(connection, person_id)
            consents = {
                name: getattr(profile, name) for name in privacy.CONSENTS if name not in own
            }
            is_new = not store.get(connection, person_id).listed
            groups = store.groups_of(connection, person_id)
            after = groups if profile.groups is None else profile.groups
            audit.record_groups(connection, by, person_id, groups, after, listed=is_new)
            store.set_profile(
                connection,
                person_id,
                name=profile.name,
                address=addresses[0],
                team=profile.team,
                title=profile.title,
                groups=profile.groups,
                **consents,
            )
            given = [name for name, said in consents.items() if said is not None]
            merges.settle_consent(connection, person_id, [*given, *(f"{n}_by" for n in given)])
            changes.record(connection, store.documents_of(connection, person_id))
        return person_id
