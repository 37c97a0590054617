"""Functions for tests: modules in a folder of their own."""

from __future__ import annotations

import importlib
import sys
from contextlib import ExitStack
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api.functiondefinitions import FunctionDefinition, function_option
from streamkit.api.functions import Functions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["REGION", "Project", "project"]

REGION = "eu-central-1"


def load(target: str) -> Callable[..., Any]:
    module, _, attribute = target.partition(":")
    handler: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return handler


class Project:
    """A folder with modules; what it makes is closed at the end of the test."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self.folder = folder
        self._closing = closing
        self.write(
            "app", "def handler(event, context):\n    return event\n\ndef other(event, context):\n    return 2\n"
        )

    def write(self, module: str, code: str) -> None:
        (self.folder / f"{module}.py").write_text(dedent(code), encoding="utf-8")
        sys.modules.pop(module, None)
        importlib.invalidate_caches()

    def functions(
        self,
        *given: str | FunctionDefinition,
        in_process: bool = True,
        load: Callable[[str], Callable[..., Any]] = load,
        **options: Any,
    ) -> Functions:
        definitions = [function_option(one) if isinstance(one, str) else one for one in given]
        return self._closing.enter_context(Functions(definitions, load, in_process=in_process, **options))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    with ExitStack() as closing:
        yield Project(tmp_path, closing)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
