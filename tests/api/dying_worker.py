"""A worker that begins the oldest import and dies of it: ``python -m tests.api.dying_worker``."""

from __future__ import annotations

import os
import signal

from api.services import Services
from knowledge.settings import load_settings

if __name__ == "__main__":
    services = Services(load_settings())
    (job,) = services.imports.unfinished()[:1]
    services.imports.begin(job)
    os.kill(os.getpid(), signal.SIGKILL)
