"""The command line. Exit codes: 0 done, 1 failed, 2 usage, 3 done with some inputs refused."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console

from api.cli import (
    account,
    archived,
    audit,
    backup,
    demo,
    doctor,
    evaluate,
    index,
    ingest,
    mail,
    measures,
    person,
    queries,
    role,
    search,
    serve,
    site,
    synonym,
    token,
    topics,
    worker,
)
from knowledge.errors import InvalidQuery, InvalidSettings, WhoknowsError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"whoknows {version('whoknows')}\n")
        raise typer.Exit


@app.callback()
def _whoknows(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    """Find answers, and the colleagues who know, in what your company has written and said."""


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("ingest")(ingest.ingest)
app.command("search")(search.search)
app.command("people")(search.people)
app.command("queries")(queries.queries)
app.command("eval")(evaluate.evaluate)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("doctor")(doctor.doctor)
app.command("worker")(worker.worker)
app.add_typer(account.app, name="account")
app.add_typer(archived.app, name="archived")
app.add_typer(audit.app, name="audit")
app.add_typer(index.app, name="index")
app.add_typer(mail.app, name="mail")
app.add_typer(measures.app, name="measures")
app.add_typer(person.app, name="person")
app.add_typer(role.app, name="role")
app.add_typer(site.app, name="site")
app.add_typer(synonym.app, name="synonym")
app.add_typer(token.app, name="token")
app.add_typer(topics.app, name="topics")


def main() -> None:
    """Run the command line; an error of ours is one sentence, never a traceback."""
    try:
        app()
    except (InvalidQuery, InvalidSettings) as error:
        _say(error)
        sys.exit(2)
    except (WhoknowsError, OSError) as error:
        _say(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _say(error: Exception) -> None:
    Console(stderr=True, highlight=False, markup=False, soft_wrap=True).print(f"whoknows: {error}")
