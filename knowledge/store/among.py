"""Many ids as one value, on their way into a statement and out of it.

As one parameter each, hundreds of ids cost more to pass on than to look up, and the text of the
statement is made anew for each number of them. As one row each, SQLite's driver lets another thread
go first before every one of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def among(column: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the column holds one of the ids that the statement is given as ``ids``."""
    return column.bool_op("IN")(Given(bindparam("ids", type_=Ids())))


class Ids(TypeDecorator[list[int]]):
    """An array where there are arrays, otherwise JSON."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return ARRAY(BigInteger()) if dialect.name == "postgresql" else Text()

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return ids if dialect.name == "postgresql" else json.dumps(ids)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[int]:
        return value or [] if dialect.name == "postgresql" else json.loads(value)


class Given(FunctionElement[int]):
    """The ids given as rows; how, each kind of database says in its file."""

    inherit_cache = True


class gathered(FunctionElement[list[int]]):
    """A column's ids in all rows that are found, in one."""

    type = Ids()
    inherit_cache = True
