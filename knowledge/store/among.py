"""``column IN the ids given``, with all ids as one parameter.

As one parameter each, hundreds of ids cost more to pass on than to look up, and the text of the
statement is made anew for each number of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def among(column: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the column holds one of the ids that the statement is given as ``ids``."""
    return column.bool_op("IN")(_Given(bindparam("ids", type_=_Ids())))


class _Ids(TypeDecorator[Collection[int]]):
    """An array where there are arrays, otherwise JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(BigInteger()) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)


class _Given(FunctionElement[int]):
    """The ids as rows."""

    inherit_cache = True


@compiles(_Given, "sqlite")
def _on_sqlite(element: _Given, compiler: SQLCompiler, **options: Any) -> str:
    ids = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({ids}))"  # noqa: S608  a placeholder


@compiles(_Given, "postgresql")
def _on_postgresql(element: _Given, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **options)}))"
