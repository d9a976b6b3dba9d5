"""What is measured of learning from each other, by the month."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api.auth import Reader
from api.deps import Wired
from api.routes import V1
from api.schemas.measures import MeasureList, SeriesOut, measure_out, series_out, table

_Responses = dict[int | str, dict[str, Any]]
_UNSEEN: _Responses = {403: {"description": "You are neither an administrator nor a curator"}}

router = APIRouter(prefix=V1, tags=["measures"])


@router.get("/measures")
def measures(asker: Reader, services: Wired) -> MeasureList:
    """The definition of every measure. They hold no figure, so anybody may read them."""
    return MeasureList(measures=[measure_out(one) for one in services.measures.definitions()])


@router.get(
    "/measures.csv",
    response_class=Response,
    responses=_UNSEEN | {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
def csv(asker: Reader, services: Wired) -> Response:
    """Every figure that is told, as a table."""
    told = table(services.measures.all_series(asker.standing))
    headers = {"Content-Disposition": 'attachment; filename="measures.csv"'}
    return Response(told, media_type="text/csv", headers=headers)


@router.get("/measures/{key}", responses=_UNSEEN | {404: {"description": "No such measure"}})
def measure(key: Annotated[str, Path(max_length=40)], asker: Reader, services: Wired) -> SeriesOut:
    """What is told of one measure: published months, of the whole company and of teams. A figure is
    rounded, and told only if five people stand behind it, and five behind what it leaves open."""
    series = services.measures.series(key, asker.standing)
    return series_out(series, services.measures.months(asker.standing))
