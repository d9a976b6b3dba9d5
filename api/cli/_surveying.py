"""What an import found and did, in words."""

from __future__ import annotations

from typing import Any

from api.cli._common import err, out

_SHOWN = 10
_LOSSES = {
    "macro": "macros that mean nothing here (their text is kept)",
    "embed": "things shown from elsewhere",
    "attachment": "files that were not kept",
    "link": "links",
    "template": "templates",
    "formatting": "formatting",
    "comment": "comments",
    "rights": "rights that mean nobody here (the document is for fewer people)",
}


def show(told: dict[str, Any]) -> None:
    """Print it: what was done, what is in it, what was lost and refused."""
    summary, would = told["summary"], told["dry_run"]
    _say(
        f"{told['added']} {'would be read' if would else 'added'}, {told['changed']} changed, "
        f"{told['unchanged']} unchanged, {len(told['refused'])} refused; "
        f"{told['embedded_passages']} passages embedded"
    )
    if summary["moved"] or summary["archived"]:
        _say(
            f"{summary['moved']} moved, {summary['archived']} archived: the export no longer "
            "holds them"
        )
    kinds = ", ".join(f"{count} {kind}" for kind, count in summary["kinds"].items())
    links, files = summary["links"], summary["attachments"]
    _say(f"read as {summary['format']}: {kinds or 'nothing'}")
    _say(
        f"{summary['people']['count']} people, {links['count']} links ({links['broken']} lead to "
        f"no document), {files['count']} files attached"
    )
    if would or len(summary["readers"]) > 1:
        for one in summary["readers"][:_SHOWN]:
            _say(f"  {one['documents']} for {one['who']}")
    for kind, losses in summary["losses"].items():
        if kind in _LOSSES:
            shown = ", ".join(f"{one['what']} ({one['count']})" for one in losses[:_SHOWN])
            more = f" and {len(losses) - _SHOWN} more" if len(losses) > _SHOWN else ""
            _say(f"{_LOSSES[kind]}: {shown}{more}")
    for one in summary["secrets"][:_SHOWN]:
        _warn(f"masked in {one['document']}: {one['what']} ({one['count']})")
    for name in told["ambiguous_people"]:
        _say(f"several people are called {name}; kept apart for this source")
    for refusal in told["refused"]:
        _warn(f"refused {refusal['name']}: {refusal['reason']}")
    if told["asks"]:
        _warn(
            f"{told['asks']['gone']} of {told['asks']['of']} documents are gone from the export, "
            f"such as {', '.join(summary['gone'][:3])}; they were left. Is it the whole export? "
            "Then archive them with --gone archive; else say --part"
        )


def _say(text: str) -> None:
    out.print(text, markup=False)


def _warn(text: str) -> None:
    err.print(text, markup=False)
