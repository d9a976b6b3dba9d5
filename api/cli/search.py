"""``whoknows search`` and ``whoknows people``."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape
from rich.text import Text

from api.cli import _explaining
from api.cli._common import opened, out, print_json
from api.cursors import following, resume
from api.excerpts import excerpt
from api.schemas.results import ranked_person, search_response
from api.web.words import clock
from indexer.protocols import Filters
from indexer.search.results import Intent, Mode, PersonHit, Request, SearchHit, SearchResult
from knowledge.errors import InvalidInput

Query = Annotated[str, typer.Argument(help="What you want to know, in your own words.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
As = Annotated[
    str | None, typer.Option("--as", help="Only what the colleague with this address may see.")
]
Literal = Annotated[
    bool, typer.Option("--literal", help="Search for all of the query as words, as typed.")
]
Many = Annotated[list[str] | None, typer.Option()]


def search(
    query: Query,
    as_json: Json = False,
    as_email: As = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many answers.")] = 5,
    mode: Annotated[Mode, typer.Option(help="Which retrievers take part.")] = Mode.HYBRID,
    document: Annotated[
        list[int] | None,
        typer.Option(min=1, max=2**62, help="Only inside this document; shows its passages."),
    ] = None,
    kind: Many = None,
    tag: Many = None,
    team: Many = None,
    source: Many = None,
    author: Annotated[
        list[int] | None, typer.Option(min=1, max=2**62, help="A person's id.")
    ] = None,
    level: Many = None,
    updated_after: Annotated[str | None, typer.Option(help="A date, YYYY-MM-DD.")] = None,
    cursor: Annotated[
        str | None, typer.Option(help="`next_cursor` of --json: the answers after those.")
    ] = None,
    literal: Literal = False,
    explain: Annotated[bool, typer.Option(help="Say what each stage contributed.")] = False,
) -> None:
    """Find the passages that answer, and the colleagues who know."""
    filters = Filters(
        document=frozenset(document or ()),
        kind=frozenset(kind or ()),
        tag=frozenset(tag or ()),
        team=frozenset(team or ()),
        source=frozenset(source or ()),
        author=frozenset(author or ()),
        level=frozenset(level or ()),
        updated_after=_date(updated_after),
    )
    asked = Request(query, filters, limit=limit, mode=mode, literal=literal)
    request = resume(asked, cursor)
    result, took = _run(request, as_email)
    if as_json:
        told = search_response(
            result,
            query_id=uuid.uuid4().hex,
            took_ms=took,
            next_cursor=following(request, result),
            explain=explain,
        )
        print_json(told.model_dump(mode="json"))
        return
    _print_understood(result)
    if result.intent is Intent.WHO:
        _print_people(result, explain)
        _print_answers(result, explain)
    else:
        _print_answers(result, explain)
        _print_people(result, explain)
    if explain:
        out.print()
        out.print("[bold]How this came about[/bold]")
        for stage in result.stages:
            out.print(f"  {stage}", markup=False)
        out.print(f"  took {took:.0f} ms, with the model already loaded", markup=False)


def people(
    query: Query,
    as_json: Json = False,
    as_email: As = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many people.")] = 5,
    literal: Literal = False,
) -> None:
    """Find the colleagues who know, with the evidence."""
    request = Request(query, limit=1, people_limit=limit, literal=literal)
    result, _ = _run(request, as_email)
    if as_json:
        print_json([ranked_person(hit).model_dump(mode="json") for hit in result.people])
        return
    _print_understood(result)
    _print_people(result, explain=False)


def _run(request: Request, email: str | None) -> tuple[SearchResult, float]:
    with opened() as services:
        principal = services.principal(email)
        pipeline = services.pipeline
        start = time.perf_counter()
        result = pipeline.search(request, principal)
        return result, (time.perf_counter() - start) * 1000


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no date; write it as 2026-01-31") from error


def _print_understood(result: SearchResult) -> None:
    told = []
    if result.corrected is not None:
        told.append(f"Showing results for: {result.corrected}")
    told += [f"Nothing holds “{phrase}” word for word." for phrase in result.missing]
    told += [f"Only {one.field} {one.value}: {one.text}" for one in result.understood]
    if told:
        out.print("\n".join([*told, "--literal searches for the words as typed."]), markup=False)


def _print_answers(result: SearchResult, explain: bool) -> None:
    if not result.answers:
        out.print("Nothing that you may read answers this.")
        return
    if not result.answers_confident:
        out.print("No confident answer; the closest:")
    for place, hit in enumerate(result.answers, 1):
        _print_answer(place, hit, explain)


def _print_answer(place: int, hit: SearchHit, explain: bool) -> None:
    document, passage = hit.document, hit.passage
    path = " › ".join((document.title, *passage.heading_path))
    out.print(f"\n[bold]{place}. {escape(path)}[/bold]")
    shown = excerpt(passage, hit.highlights, document.contributions)
    about = [document.kind.value, document.source]
    if document.updated_at:
        about.append(document.updated_at.date().isoformat())
    if shown.at_s is not None:
        about.append(clock(shown.at_s))
    makers = dict.fromkeys(c.name for c in document.contributions)
    about.append(shown.speaker or ", ".join(list(makers)[:3]))
    out.print(f"   [dim]{escape(' · '.join(part for part in about if part))}[/dim]")
    pieces = ((piece.text, "reverse" if piece.marked else "") for piece in shown.pieces)
    out.print(Text.assemble("   ", *pieces))
    if explain:
        out.print(f"   {_explaining.answer(hit)}", markup=False)


def _print_people(result: SearchResult, explain: bool) -> None:
    if not result.people:
        out.print("\nNobody is confirmed to know this.")
        return
    if result.people_confident:
        out.print("\n[bold]Who knows[/bold]")
    else:
        out.print("\n[bold]Nobody is confirmed to know this.[/bold] Closest to it:")
    for hit in result.people:
        _print_person(hit)
        if explain:
            for line in _explaining.person(hit):
                out.print(f"     {line}", markup=False)


def _print_person(hit: PersonHit) -> None:
    about = ", ".join(part for part in (hit.person.title, hit.person.team) if part)
    name = f"[bold]{escape(hit.person.name)}[/bold]" + (f" {escape(about)}" if about else "")
    out.print(f"  {name} ({hit.confidence.value})")
    for evidence in hit.evidence:
        when = f", {evidence.at.date().isoformat()}" if evidence.at else ""
        out.print(
            f"     “{evidence.quote}” — {evidence.role.value}, {evidence.title}{when}", markup=False
        )
