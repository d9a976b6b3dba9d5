"""The web application: routes, errors and the door, put together."""

from __future__ import annotations

import threading

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.types import Lifespan

from api import openapi, problems, routes
from api.auth import Door
from api.auth.demo import DemoDoor
from api.auth.loopback import LoopbackOnly
from api.auth.tokens import TokenDoor
from api.envelope import Envelope
from api.limits import Limits
from api.metrics import Metrics
from api.routes import V1, sign_in
from api.services import Services
from knowledge.errors import NotSignedIn


def create_app(
    services: Services, door: Door, lifespan: Lifespan[FastAPI] | None = None
) -> FastAPI:
    """The application over wired services; ``door`` says who calls. The caller closes services.

    ``app.state.stopping`` is a threading.Event that is set when the process is about to end:
    whoever streams ends then. ``filing`` are the threads that enter
    uploads into the database.
    """
    app = FastAPI(
        title="whoknows",
        summary="Find answers, and the colleagues who know.",
        version="1",
        openapi_url=f"{V1}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    app.state.door = door
    app.state.metrics = Metrics(services)
    app.state.stopping = threading.Event()
    app.state.filing = CapacityLimiter(max(1, services.settings.serve.max_uploads))
    problems.install(app)
    if isinstance(door, TokenDoor):
        app.add_exception_handler(NotSignedIn, sign_in.ask_or_refuse)
    openapi.install(app)
    for router in routes.routers():
        app.include_router(router)
    # The last one added is the outermost.
    if isinstance(door, DemoDoor):
        app.add_middleware(LoopbackOnly)
    app.add_middleware(Limits, settings=services.settings.serve, metrics=app.state.metrics)
    app.add_middleware(Envelope, metrics=app.state.metrics)
    return app
