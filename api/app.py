"""The web application: routes, errors and the door, put together."""

from __future__ import annotations

from fastapi import FastAPI

from api import problems, routes
from api.auth import Door
from api.services import Services


def create_app(services: Services, door: Door) -> FastAPI:
    """The application over wired services; ``door`` says who calls. The caller closes services."""
    app = FastAPI(
        title="whoknows",
        summary="Find answers, and the colleagues who know.",
        version="1",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses={
            "4XX": {"model": problems.Problem, "content": {problems.MEDIA_TYPE: {}}},
            "5XX": {"model": problems.Problem, "content": {problems.MEDIA_TYPE: {}}},
        },
    )
    app.state.services = services
    app.state.door = door
    problems.install(app)
    for router in routes.routers():
        app.include_router(router)
    return app
