"""What `import streamkit` gives, what it costs, and which module may know which."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

import streamkit
from streamkit import errors, events, mapping, windows

PACKAGE = Path(streamkit.__file__).parent
# `python -m streamkit` is the command line.
CORE = sorted({*PACKAGE.glob("*.py"), *PACKAGE.glob("states/*.py")} - {PACKAGE / "__main__.py"})
HEAVY = ["asyncio", "aws_lambda_powertools", "boto3", "botocore", "click", "logging", "orjson", "pydantic", "rich"]

# The modules that exist to hold what the others must not import before they need it.
ALLOWED_AT_THE_TOP = {
    "asynchronous": {"asyncio"},
    "mapping": {"pydantic", "pydantic_core"},
    "states.losslessjson": {"orjson"},
    "states.typed": {"orjson", "pydantic", "pydantic_core"},
    "states.values": {"pydantic", "pydantic_core"},
}


def name_of(path: Path) -> str:
    """Return a module's name inside of the package."""
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def run(script: str) -> Any:
    """Run a script in a fresh interpreter; return the JSON that it prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603  # our own script
    return json.loads(done.stdout)


# --- the names -----------------------------------------------------------------------------------------------------


def test_all_is_sorted_and_without_duplicates() -> None:
    assert streamkit.__all__ == sorted(set(streamkit.__all__))


def test_every_name_of_all_is_there() -> None:
    assert all(getattr(streamkit, name) is not None for name in streamkit.__all__)


def test_all_holds_every_public_name_that_the_package_has_and_no_module() -> None:
    public = run(
        "import json, streamkit, types\n"
        "print(json.dumps([name for name, value in vars(streamkit).items()"
        " if not name.startswith('_') and not isinstance(value, types.ModuleType)]))"
    )
    # TYPE_CHECKING, Any and annotations are the import machinery of the file itself.
    late = set(streamkit._LATE)
    assert set(public) - {"TYPE_CHECKING", "Any", "annotations"} == set(streamkit.__all__) - late


def test_every_error_is_public() -> None:
    assert set(errors.__all__) < set(streamkit.__all__)


def test_every_kind_of_event_is_public() -> None:
    assert {"Change", "Insert", "Modify", "RecordMeta", "Remove", "Window"} < set(streamkit.__all__)
    names = ("Change", "Insert", "Modify", "Remove", "Window")
    assert all(getattr(streamkit, name) is getattr(events, name) for name in names)


def test_a_star_import_gives_all_of_it() -> None:
    names = run("import json\nfrom streamkit import *\nprint(json.dumps([name for name in dir() if name[0] != '_']))")
    assert sorted(set(names) - {"json"}) == streamkit.__all__


def test_the_mapping_is_there_although_it_is_imported_late() -> None:
    assert streamkit.EventSourceMapping is mapping.EventSourceMapping
    assert "EventSourceMapping" in dir(streamkit)


@pytest.mark.parametrize("name", ["TumblingWindow", "tumbling_window"])
def test_windows_are_there_although_they_are_imported_late(name: str) -> None:
    assert getattr(streamkit, name) is getattr(windows, name)
    assert name in dir(streamkit)


def test_dir_lists_the_public_names_and_is_sorted() -> None:
    assert set(streamkit.__all__) <= set(dir(streamkit))
    assert dir(streamkit) == sorted(dir(streamkit))


def test_a_name_that_is_not_there_is_refused_as_by_any_module() -> None:
    with pytest.raises(AttributeError, match=r"^module 'streamkit' has no attribute 'tumbling'$"):
        getattr(streamkit, "tumbling")  # noqa: B009  # a type checker would refuse it


def test_type_checkers_are_told_that_the_package_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()


# --- what the import costs -----------------------------------------------------------------------------------------

HANDLER = """
from typing import Any
from streamkit import Change, Insert, Remove, stream_handler

@stream_handler
def handler(change: Change) -> None: ...

@stream_handler(batch_size=10, maximum_retry_attempts=2, bisect_batch_on_function_error=True)
def with_settings(change: Insert[dict[str, Any]] | Remove) -> None: ...
"""
CALL = """
keys = {"id": {"N": "1"}}
record = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": keys, "SequenceNumber": "1"}}
assert handler({"Records": [record]}, None) == {"batchItemFailures": []}
"""
LOADED = f"\nimport json, sys\nprint(json.dumps([name for name in {HEAVY} if name in sys.modules]))"


WINDOW_HANDLER = """
from typing import Any
from streamkit import Change, Window, tumbling_window

@tumbling_window(seconds=60, maximum_retry_attempts=2)
def handler(change: Change, state: dict, window: Window) -> dict:
    return state | {"n": state.get("n", 0) + 1}

@tumbling_window(seconds=60, by=lambda change: change.keys["id"])
def keyed(change: Change, state: dict[str, Any]) -> dict[str, Any]:
    return state

@handler.final
def publish(state: dict[str, Any], window: Window) -> None: ...
"""
WINDOW_CALL = """
keys = {"id": {"N": "1"}}
record = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": keys, "SequenceNumber": "1"}}
window = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}
event = {"Records": [record], "window": window, "state": {"n": 1}}
assert handler(event, None) == {"state": {"n": 2}, "batchItemFailures": []}
event = {"Records": [], "window": window, "state": {"n": 2}, "isFinalInvokeForWindow": True}
assert handler(event, None) == {"state": {}, "batchItemFailures": []}
"""


def test_this_test_would_see_a_heavy_import() -> None:
    assert run(f"import logging, asyncio{LOADED}") == ["asyncio", "logging"]


@pytest.mark.parametrize("script", ["import streamkit", HANDLER, HANDLER + CALL], ids=["import", "decorate", "call"])
def test_an_untyped_handler_imports_nothing_heavy(script: str) -> None:
    assert run(script + LOADED) == []


@pytest.mark.parametrize("script", [WINDOW_HANDLER, WINDOW_HANDLER + WINDOW_CALL], ids=["decorate", "call"])
def test_an_untyped_window_handler_imports_nothing_heavy_but_the_json_of_its_state(script: str) -> None:
    assert run(script + LOADED) == ["orjson"]


@pytest.mark.parametrize("script", ["import streamkit", HANDLER + CALL], ids=["import", "stream handler"])
def test_who_has_no_windows_does_not_pay_for_them(script: str) -> None:
    loaded = "\nimport json, sys\nprint(json.dumps([name for name in sys.modules if name.startswith('streamkit.')]))"
    modules = set(run(script + loaded))
    assert not {
        name for name in modules if name.startswith(("streamkit.window", "streamkit.state", "streamkit.lossless"))
    }
    assert "streamkit.folding" not in modules


FILTERED = """
from typing import Any
from streamkit import Insert, criteria, stream_handler, where

@stream_handler(filter_criteria=criteria(where(dict[str, Any])["status"] == "PAID"))
def handler(change: Insert) -> None: ...
"""


@pytest.mark.parametrize("script", ["import streamkit", HANDLER + CALL], ids=["import", "stream handler"])
def test_who_has_no_filters_does_not_pay_for_them(script: str) -> None:
    loaded = "\nimport json, sys\nprint(json.dumps([name for name in sys.modules if name.startswith('streamkit.')]))"
    modules = {name.removeprefix("streamkit.") for name in run(script + loaded)}
    assert not {
        name for name in modules if name.startswith(("cond", "conj", "field", "filter", "pattern", "stored", "where"))
    }


def test_filters_on_untyped_items_import_nothing_heavy() -> None:
    assert run(FILTERED + LOADED) == []


def test_the_mapping_is_imported_when_asked_for() -> None:
    assert "pydantic" in run(f"import streamkit\nstreamkit.EventSourceMapping{LOADED}")


# --- which module may know which -----------------------------------------------------------------------------------


def imported(node: ast.AST, package: str = "streamkit") -> Iterator[str]:
    """Yield the full name of every module that a piece of code imports, or imports something from."""
    for one in ast.walk(node):
        if isinstance(one, ast.Import):
            yield from (alias.name for alias in one.names)
        elif isinstance(one, ast.ImportFrom):
            base = f"{package}.{one.module or ''}".rstrip(".") if one.level else one.module or ""
            yield base
            yield from (f"{base}.{alias.name}" for alias in one.names)


def at_the_top(tree: ast.Module) -> ast.Module:
    """Return what runs when the module is imported: without its functions and what only type checkers read."""

    class Runs(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None: ...
        def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None: ...

        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if ast.unparse(node.test).endswith("TYPE_CHECKING") else self.generic_visit(node)

    top: ast.Module = Runs().visit(tree)
    return top


def test_these_tests_would_see_an_import_wherever_it_stands() -> None:
    code = (
        "import a.b\nfrom . import c\nfrom .d import e\n"
        "if TYPE_CHECKING:\n    from f import g\n"
        "def function():\n    import h\n"
    )
    everywhere = {"a.b", "streamkit", "streamkit.c", "streamkit.d", "streamkit.d.e", "f", "f.g", "h"}
    assert set(imported(ast.parse(code))) == everywhere
    assert set(imported(at_the_top(ast.parse(code)))) == everywhere - {"f", "f.g", "h"}


UPPER = ("api", "cli", "deployment", "local", "testing")
# What each part may know besides the core; `api` and `cli` are nobody's.
MAY_KNOW = {
    "deployment": set[str](),
    "local": {"deployment"},
    "testing": {"deployment", "local"},
    "api": {"deployment", "local"},
    "cli": {"api", "deployment", "local", "testing"},
}


def parts_known(path: Path) -> set[str]:
    """Return which of the upper parts a module imports from, anywhere in it."""
    names = {name.split(".")[1] for name in imported(ast.parse(path.read_text())) if name.startswith("streamkit.")}
    return names & set(UPPER)


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_never_knows_the_runner_or_the_command_line(path: Path) -> None:
    assert parts_known(path) == set()


@pytest.mark.parametrize("part", UPPER)
def test_arrows_between_the_parts_point_one_way(part: str) -> None:
    known = set[str]().union(*map(parts_known, (PACKAGE / part).rglob("*.py")))
    assert known - {part} <= MAY_KNOW[part]


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_the_core_imports_nothing_heavy_at_the_top(path: Path) -> None:
    roots = {name.partition(".")[0] for name in imported(at_the_top(ast.parse(path.read_text())))}
    allowed = {*sys.stdlib_module_names, "streamkit", "typing_extensions"} - set(HEAVY)
    assert roots - allowed == ALLOWED_AT_THE_TOP.get(name_of(path), set())


def test_no_module_of_the_core_knows_itself_through_others_not_even_for_types() -> None:
    modules = {f"streamkit.{name_of(path)}": path for path in CORE if path.stem != "__init__"}
    graph = {name: set(imported(ast.parse(path.read_text()))) & set(modules) for name, path in modules.items()}
    order = list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle
    assert set(order) == set(modules)
    assert any(graph.values())


@pytest.mark.parametrize("path", CORE, ids=name_of)
def test_only_the_package_itself_imports_from_the_package_itself(path: Path) -> None:
    bare = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module == "streamkit"
        and any(not (PACKAGE / f"{alias.name}.py").exists() for alias in node.names)
    ]
    assert bare == []
