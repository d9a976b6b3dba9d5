"""``whoknows person``: the directory of colleagues."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from api import directory
from api.cli._common import REFUSED, err, opened, out, print_json
from api.schemas.merges import merge_out, pair_out
from api.schemas.speakers import speakers_out
from knowledge.editing import Editor
from knowledge.errors import InvalidInput, NotFound
from knowledge.likeness import Known
from knowledge.merging import THE_OPERATOR, Merge
from knowledge.speakers import Who
from knowledge.types import OPERATOR

app = typer.Typer(
    no_args_is_help=True, help="Look after the directory of colleagues, and who is who."
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
Someone = Annotated[str, typer.Argument(metavar="EMAIL_OR_ID", help="An address, or an id.")]


@app.callback()
def people() -> None:
    """Look after the directory of colleagues, and who is who."""


@app.command("import")
def import_people(
    path: Annotated[
        Path,
        typer.Argument(
            help="CSV with the columns name, email and, if wanted, other_emails (such as earlier "
            "ones, by which the person is known; separated by ;), team, title, groups "
            "(separated by ;), handles (SOURCE=HANDLE, separated by ;), consent_written and "
            "consent_spoken (yes or no: may this person be ranked by it)."
        ),
    ],
) -> None:
    """Create or update colleagues, their teams and groups."""
    refused = stored = 0
    with opened(new=True) as services:
        for number, row in directory.rows(path):
            try:
                services.directory.put(directory.profile(row))
                stored += 1
            except InvalidInput as error:
                refused += 1
                err.print(f"refused line {number}: {error}", markup=False)
    out.print(f"{stored} people stored, {refused} refused")
    if refused:
        raise typer.Exit(REFUSED)


@app.command()
def review(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many pairs at most.")] = 50,
    as_json: Json = False,
) -> None:
    """Say who may be one person under two names, the likeliest first."""
    with opened() as services:
        pairs = services.merging.review(limit=limit)
    if as_json:
        print_json([pair_out(pair).model_dump(mode="json") for pair in pairs])
        return
    table = Table("keep", "", "merge", "", "because", box=None)
    for pair in pairs:
        reasons = ", ".join(reason.replace("_", " ") for reason in pair.reasons)
        table.add_row(
            str(pair.kept.id), _told(pair.kept), str(pair.other.id), _told(pair.other), reasons
        )
    out.print(table if pairs else "nobody is unsure")


@app.command()
def merge(
    kept: Someone,
    gone: Someone,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Also where the second brings rights of their own, or the directory lists both.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the second part of the first: one person, with all that both have. It can be undone."""
    with opened() as services:
        merging = services.merging
        made = merging.merge(merging.find(kept), merging.find(gone), force=force)
    if as_json:
        print_json(_merge_json(made))
        return
    out.print(
        f"merge {made.id}: {made.gone} is {made.kept.name} ({made.kept.id}) now, in "
        f"{made.documents} documents; undo it with: whoknows person unmerge {made.id}",
        markup=False,
    )


@app.command()
def merges(as_json: Json = False) -> None:
    """Say who was made one person, newest first."""
    with opened() as services:
        held = services.merging.standing()
    if as_json:
        print_json([_merge_json(one) for one in held])
        return
    table = Table("merge", "kept", "", "gone", "by", "when", "documents", box=None)
    for one in held:
        table.add_row(
            str(one.id),
            str(one.kept.id),
            one.kept.name,
            str(one.gone),
            one.by,
            f"{one.at:%Y-%m-%d}",
            str(one.documents),
        )
    out.print(table if held else "nobody was merged")


@app.command()
def unmerge(
    merge_id: Annotated[int, typer.Argument(metavar="ID", help="As person merges shows it.")],
    as_json: Json = False,
) -> None:
    """Make two of one again; what was moved goes back as far as it is still there."""
    with opened() as services:
        undone = services.merging.unmerge(merge_id)
    if as_json:
        print_json(_merge_json(undone))
        return
    out.print(
        f"merge {undone.id} is undone: {undone.gone} and {undone.kept.name} ({undone.kept.id}) "
        "are two",
        markup=False,
    )


@app.command()
def distinct(one: Someone, other: Someone, as_json: Json = False) -> None:
    """Say that these two are not one person, so that person review asks no more."""
    with opened() as services:
        first, second = services.merging.find(one), services.merging.find(other)
        services.merging.distinguish(first, second)
    if as_json:
        print_json({"one": first, "other": second})
    else:
        out.print(f"{first} and {second} are two people")


@app.command()
def speaker(
    document_id: Annotated[int, typer.Argument(help="A transcript, as the search tells it.")],
    label: Annotated[
        str | None, typer.Argument(help='As the transcript has it, such as "Speaker 1".')
    ] = None,
    person: Annotated[str | None, typer.Argument(metavar="EMAIL_OR_ID", help="Who it is.")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="It is nobody that is known.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="It is again whom the source says.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="In all transcripts of the same source.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say who a speaker of a transcript is, or list its speakers when nothing else is given."""
    if label is not None and (person is not None) + nobody + undo != 1:
        raise typer.BadParameter("give a person, --nobody or --undo")
    if label is None and (nobody or undo or everywhere):
        raise typer.BadParameter("give a label")
    editor = Editor(OPERATOR, admin=True)
    changed: list[int] = []
    with opened() as services:
        if label is not None:
            who = Who(None if person is None else services.merging.find(person), undo)
            changed = services.speakers.assign(
                document_id, label, who, editor, THE_OPERATOR.name, everywhere=everywhere
            )
        held = services.speakers.show(document_id, editor)
    if as_json:
        told = [one.model_dump(mode="json") for one in speakers_out(held)]
        print_json({"speakers": told, "document_ids": changed})
        return
    table = Table("label", "words", "who", "", box=None)
    for one in held.speakers:
        who_it_is = "" if one.person_id is None else f"{one.name or ''} ({one.person_id})"
        table.add_row(one.label, f"{one.share:.0%}", who_it_is, "assigned" if one.assigned else "")
    out.print(table if held.speakers else "nobody speaks in this document")
    if label is not None:
        out.print(f"changed in {len(changed)} documents")


@app.command()
def export(
    person: Someone,
    path: Annotated[
        Path, typer.Argument(help="A file that ends in .zip, or a directory; neither may exist.")
    ],
) -> None:
    """Write everything that is kept of somebody: JSON, and their documents as Markdown files."""
    with opened() as services:
        count = services.takeout.save(services.merging.find(person), THE_OPERATOR.name, path)
    out.print(f"{path}: {count} documents", markup=False)


@app.command()
def erase(
    person: Someone,
    with_writing: Annotated[
        bool,
        typer.Option(
            "--with-writing", help="Also delete what they alone wrote, which otherwise stays."
        ),
    ] = False,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="EMAIL_OR_ID", help="A further record of the same person. Repeatable."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also while imports wait, which may bring them back.")
    ] = False,
    sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Erase somebody: who they are, what they said, what is known of them. It cannot be undone.

    What they wrote stays, as by a former colleague. What was interrupted goes on when it is
    repeated.
    """
    with opened() as services:
        try:
            person_id = services.merging.find(person)
        except NotFound:
            # They may be gone already, and only files be left.
            done = services.erasing.resume()
            if done is None:
                raise
        else:
            others = [services.merging.find(one) for one in also or ()]
            told = ", ".join(
                f"{services.directory.name(one)} ({one})" for one in (person_id, *others)
            )
            for one in services.merging.likely(person_id):
                if one.id not in others:
                    err.print(
                        f"may be the same person, and stays: {_told(one)}, id {one.id}; "
                        f"to erase that record as well: --also {one.id}",
                        markup=False,
                    )
            if not sure and not typer.confirm(f"Erase {told} for ever?", err=True):
                raise typer.Exit(1)
            done = services.erasing.erase(
                person_id, with_writing=with_writing, also=others, force=force
            )
    if as_json:
        print_json(asdict(done))
        return
    out.print(
        f"{done.person_id} is erased: {done.changed} documents are by a former colleague now, "
        f"{done.deleted} are deleted"
    )


def _told(one: Known) -> str:
    told = [" / ".join(one.names), *one.addresses]
    return f"{', '.join(told)} ({one.documents})"


def _merge_json(made: Merge) -> dict[str, object]:
    return merge_out(made).model_dump(mode="json") | {"documents": made.documents}
