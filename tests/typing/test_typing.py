"""The proofs are read by mypy and pyright (`make types`). Here they run, and are held against the public face.

``accepted``: what both checkers must accept, and the types that they must see. ``refused``: what both must refuse, each
with the code of its error; a refusal that is none any more is itself an error for both. ``unseen``: what neither can
see.
"""

import ast
import asyncio
import inspect
import re
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import streamkit
import streamkit.local
import streamkit.testing
from streamkit import Window
from tests.build import SUCCESS, event, record
from tests.typing import unseen
from tests.typing.accepted.finals import WINDOW

HERE = Path(__file__).parent
ACCEPTED = sorted(HERE.glob("accepted/*.py"))
REFUSED = sorted(HERE.glob("refused/*.py"))
SETTINGS = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())["tool"]
BY_MYPY = re.compile(r"# type: ignore\[[a-z, -]+\]")
BY_PYRIGHT = re.compile(r"# pyright: ignore\[[A-Za-z, ]+\]")
# Works, and is refused: the test below runs it.
VALID = "tests.typing.refused.valid"


def of(path: Path) -> str:
    return f"tests.typing.{path.parent.name}.{path.stem}"


def proofs(module: str) -> list[Any]:
    """Return the functions of a module that can be called as they stand."""
    functions = [
        value
        for value in vars(import_module(module)).values()
        if inspect.isfunction(value) and value.__module__ == module
    ]
    return [
        pytest.param(function, id=f"{module.rpartition('.')[2]}: {function.__name__}")
        for function in functions
        if all(one.default is not one.empty for one in inspect.signature(function).parameters.values())
    ]


@pytest.mark.parametrize("proof", [proof for path in ACCEPTED for proof in proofs(of(path))])
def test_what_checkers_accept_works(proof: Callable[[], Any]) -> None:
    asyncio.run(proof()) if inspect.iscoroutinefunction(proof) else proof()


@pytest.mark.parametrize("proof", proofs(unseen.__name__))
def test_what_no_checker_can_see_is_refused_at_run_time_in_words(proof: Callable[[], Any]) -> None:
    kind, _, text = str(proof.__doc__).partition(": ")
    with pytest.raises(Exception, match=re.escape(text)) as caught:
        proof()
    assert type(caught.value).__name__ == kind


def test_what_is_refused_although_it_is_valid_works() -> None:
    valid: Any = import_module(VALID)
    window = Window(WINDOW.start, WINDOW.end)
    valid.the_wrapped_fold_takes_its_parameters_by_name()
    valid.a_final_function_takes_its_parameters_by_name(window)
    assert valid.a_change_may_be_taken_by_name_only(event(record(1))) == SUCCESS
    assert valid.context_may_be_taken_by_name_only(event(record(1))) == SUCCESS
    text = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
    folded = valid.a_state_may_be_taken_by_name_only({**event(record(1)), "window": text, "state": {}})
    assert folded["batchItemFailures"] == []


def comments(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def statements(path: Path) -> Iterator[tuple[str, int, int]]:
    """Yield what stands at the top of a file, with its first and its last line, decorators included."""
    text = path.read_text()
    for node in ast.parse(text).body:
        decorators = [decorator.lineno for decorator in getattr(node, "decorator_list", [])]
        first, last = min([node.lineno, *decorators]), node.end_lineno or node.lineno
        yield text.splitlines()[node.lineno - 1], first, last


def test_each_refusal_is_one_of_both_checkers_and_names_its_error() -> None:
    counted = 0
    for path in REFUSED:
        told = list(comments(path))
        for statement, first, last in statements(path):
            inside = [
                text for line, text in told if first <= line <= last and ("type: " in text or "pyright: " in text)
            ]
            mypy = sum(bool(BY_MYPY.search(text)) for text in inside)
            pyright = sum(bool(BY_PYRIGHT.search(text)) for text in inside)
            assert mypy == pyright <= 1, f"{path.name}:{first}: {statement}: mypy {mypy}, pyright {pyright} refusals"
            counted += mypy
    assert counted > 100


def test_what_is_accepted_is_read_strictly_and_nothing_of_it_is_told_to_be_ignored() -> None:
    for path in [*ACCEPTED, HERE / "unseen.py"]:
        assert "# pyright: strict" in [text for _, text in comments(path)], path
        assert not [text for _, text in comments(path) if re.search(r"(type|pyright): ?ignore", text)], path


def test_both_checkers_read_the_proofs_and_tell_of_a_refusal_that_is_none_any_more() -> None:
    mypy, pyright = SETTINGS["mypy"], SETTINGS["pyright"]
    assert mypy["strict"]
    assert mypy.get("warn_unused_ignores", True)
    assert "tests" in mypy["files"]
    assert pyright["reportUnnecessaryTypeIgnoreComment"] == "error"
    assert pyright["enableTypeIgnoreComments"] is False  # else mypy's comments would hide pyright's errors
    assert "tests/typing" in pyright["include"]


@pytest.mark.parametrize(
    "package", [streamkit, streamkit.local, streamkit.testing], ids=lambda package: package.__name__
)
def test_every_public_name_has_a_proof(package: Any) -> None:
    used = set[str]()
    for path in ACCEPTED:
        tree = ast.parse(path.read_text())
        imported = {
            name.asname or name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == package.__name__
            for name in node.names
        }
        used |= imported & {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert sorted(set(package.__all__) - used) == []
