"""What can be measured of this process."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.auth import Administrator
from api.metrics import Metrics

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus' text format", "content": {"text/plain": {}}}},
)
def metrics(request: Request, _asker: Administrator) -> Response:
    """Counters for Prometheus, of the one process that answers."""
    kept: Metrics = request.app.state.metrics
    return Response(kept.exposition(), media_type=CONTENT_TYPE_LATEST)
