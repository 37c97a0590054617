from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from streamkit import Change, stream_handler
from streamkit.testing.naming import NamelessHandlerError, handler_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


APP = """
from functools import partial
from streamkit import Change, stream_handler

def plain(event, context):
    pass

def react(change: Change):
    pass

handler = stream_handler(react)
unnamed = lambda event, context: None
partly = partial(plain)

class Callable:
    def __call__(self, event, context):
        pass

instance = Callable()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on sys.path; what is imported from it is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def imported(name: str) -> Any:
    __import__(name)
    return sys.modules[name]


@pytest.mark.parametrize("name", ["plain", "handler", "unnamed", "partly", "instance"])
def test_whatever_a_module_has_under_a_name_is_found_by_it(name: str, project: Path) -> None:
    (project / "sk_app.py").write_text(APP)
    assert handler_name(getattr(imported("sk_app"), name)) == f"sk_app.{name}"


def test_a_module_in_packages_has_its_whole_name(project: Path) -> None:
    for folder in ("sk_spaced/inner", "sk_packaged/inner"):
        (project / folder).mkdir(parents=True)
        (project / folder / "app.py").write_text(APP)
    (project / "sk_packaged/__init__.py").touch()
    (project / "sk_packaged/inner/__init__.py").touch()
    for module in ("sk_spaced.inner.app", "sk_packaged.inner.app"):
        assert handler_name(imported(module).handler) == f"{module}.handler"


def test_a_handler_that_another_module_made_is_found_where_it_is(project: Path) -> None:
    (project / "sk_making.py").write_text(
        "def made():\n    def handler(event, context):\n        pass\n    return handler\n"
    )
    (project / "sk_app.py").write_text("from sk_making import made\nhandler = made()\n")
    assert handler_name(imported("sk_app").handler) == "sk_app.handler"


def in_a_function() -> Callable[..., Any]:
    @stream_handler
    def handler(change: Change) -> None:
        pass

    return handler


@pytest.mark.parametrize(
    ("handler", "named"),
    [
        (in_a_function(), "in_a_function.<locals>.handler"),
        (lambda event, context: None, "<lambda>"),
        (partial(print, 1), "functools.partial"),
    ],
)
def test_what_no_module_has_is_refused(handler: Callable[..., Any], named: str) -> None:
    with pytest.raises(NamelessHandlerError, match="Lambda finds a function by its name, and no module has it") as told:
        handler_name(handler)
    assert named in str(told.value)
    assert "Define it at the top of a module; or run this test in process" in str(told.value)


@pytest.mark.parametrize("module", ["sk_nowhere", "sk_nowhere.app", "json.sk_nowhere"])
def test_a_module_that_another_process_would_not_find_is_refused(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ModuleType(module)
    exec("def handler(event, context): pass", vars(made))  # noqa: S102  # a module without a file
    monkeypatch.setitem(sys.modules, module, made)
    with pytest.raises(
        NamelessHandlerError, match=rf"handler cannot run under awslambdaric: .* module {module}, which another process"
    ):
        handler_name(made.handler)


def test_a_module_whose_name_leads_to_another_file_is_refused(project: Path) -> None:
    (project / "sk_app.py").write_text(APP)
    module = imported("sk_app")
    (project / "other.py").write_text(APP)
    module.__file__ = str(project / "other.py")
    with pytest.raises(NamelessHandlerError, match=r"its file is not where sys\.path leads to"):
        handler_name(module.plain)
    module.__file__ = None
    with pytest.raises(NamelessHandlerError, match=r"its file is not where sys\.path leads to"):
        handler_name(module.plain)
