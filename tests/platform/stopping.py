"""Loaded into a worker of a test: at STOP_AT it leaves a mark and stands still, so that it can be killed there."""

import os
import threading
from importlib import import_module
from pathlib import Path


def stand_still(*args: object, **options: object) -> None:
    Path(os.environ["STOP_MARK"]).touch()
    threading.Event().wait()


module, _dot, name = os.environ["STOP_AT"].rpartition(".")
setattr(import_module(module), name, stand_still)
