"""The figures of one measure as a table, for whoever looks at its chart."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.auth import Reader
from api.deps import Wired
from api.routes import V1
from api.schemas.measures import table

router = APIRouter(prefix=f"{V1}/measures", tags=["measures"])


@router.get(
    "/{key}/csv",
    response_class=Response,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}},
        403: {"description": "You are neither an administrator nor a curator"},
        404: {"description": "No such measure"},
    },
)
def figures(key: Annotated[str, Path(max_length=40)], asker: Reader, services: Wired) -> Response:
    """All that is told of one measure, as a table."""
    series = services.measures.series(key, asker.standing)
    headers = {"Content-Disposition": f'attachment; filename="{series.measure.key}.csv"'}
    return Response(table([series]), media_type="text/csv", headers=headers)
