"""Invoking functions in tests, without HTTP."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api.invoking import Invocations, InvokeAnswer, InvokeRequest
from streamkit.api.refusals import Refusal
from tests.api.functionbuild import REGION, Project

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamkit.api.functions import Functions

__all__ = ["ECHO", "ID", "Lambda", "function", "made"]

ECHO = "def handler(event, context): return event"

ID = "8a1c2f3e-0000-4000-8000-000000000000"


class Lambda:
    """Invokes functions, and keeps what a server would show."""

    def __init__(self, functions: Functions) -> None:
        self.shown: list[str] = []
        self.told: queue.Queue[str] = queue.Queue()
        self.invocations = Invocations(functions, self.shown.append, self.told.put, retry_after=(0, 0))

    def __call__(self, payload: bytes = b"{}", name: str = "orders", **options: Any) -> InvokeAnswer:
        return self.invocations.invoke(InvokeRequest(REGION, name, payload, **options), ID)

    def refusal(self, payload: bytes = b"{}", **options: Any) -> Refusal:
        with pytest.raises(Refusal) as refused:
            self(payload, **options)
        return refused.value


@pytest.fixture
def made(project: Project) -> Iterator[list[Lambda]]:
    all_made: list[Lambda] = []
    yield all_made
    for one in all_made:
        one.invocations.close()


def function(made: list[Lambda], project: Project, code: str, **options: Any) -> Lambda:
    """Return what invokes the function ``orders`` with this code, in this process unless that is said."""
    project.write("app", code)
    made.append(Lambda(project.functions("orders:live=app:handler", **options)))
    return made[-1]
