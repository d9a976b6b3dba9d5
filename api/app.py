"""The web application: routes, errors and the door, put together."""

from __future__ import annotations

import threading

from anyio import CapacityLimiter
from fastapi import FastAPI
from starlette.types import Lifespan

from api import denials, openapi, problems, routes
from api.auth import Door
from api.auth.demo import DemoDoor
from api.auth.loopback import LoopbackOnly
from api.auth.proxy import Proxies
from api.auth.serving import ServeDoor
from api.cors import Cors
from api.envelope import Envelope
from api.fairness import Fairness
from api.limits import Limits
from api.metrics import Metrics
from api.routes import sign_in
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
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    app.state.door = door
    app.state.metrics = Metrics(services)
    app.state.stopping = threading.Event()
    app.state.filing = CapacityLimiter(max(1, services.settings.serve.max_uploads))
    app.state.fairness = Fairness(services.settings.serve, app.state.metrics)
    problems.install(app)
    app.state.proxies = Proxies(services.settings.auth)
    denials.install(app)
    if isinstance(door, ServeDoor):
        app.add_exception_handler(NotSignedIn, sign_in.ask_or_refuse)
    openapi.install(app)
    # Not ``include_router``, which makes every route once more, at the first request.
    for router in routes.routers():
        app.router.routes.extend(router.routes)
    # The last one added is the outermost.
    app.add_middleware(Cors, services=services, routes=routes.all_of_them())
    if isinstance(door, DemoDoor):
        app.add_middleware(LoopbackOnly)
    app.add_middleware(Limits, settings=services.settings.serve, metrics=app.state.metrics)
    over_tls = services.settings.auth.public_url.startswith("https://")
    app.add_middleware(Envelope, metrics=app.state.metrics, over_tls=over_tls)
    return app
