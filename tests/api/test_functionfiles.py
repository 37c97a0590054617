from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from streamkit.api.functiondefinitions import AliasDefinition, FunctionDefinition, FunctionDefinitionError
from streamkit.api.functionfiles import read_functions
from streamkit.api.functionnames import FunctionName

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = {"FunctionName": "orders", "Handler": "app:handler"}


def read(folder: Path, *functions: Any) -> list[FunctionDefinition]:
    path = folder / "functions.json"
    path.write_text(json.dumps(functions), encoding="utf-8")
    return read_functions(path)


def test_a_function_of_a_file_has_what_the_file_says(tmp_path: Path) -> None:
    orders = {
        "FunctionName": "arn:aws:lambda:eu-west-1:111122223333:function:orders",
        "Handler": "shop/app.handler",
        "Timeout": 30,
        "MemorySize": 256,
        "Environment": {"Variables": {"TABLE": "orders"}},
        "Description": "Takes orders",
        "ReservedConcurrentExecutions": 0,
        "Tags": {"team": "shop"},
        "Aliases": {"live": {}, "next": {"Handler": "app.other", "Description": "the next one"}},
    }
    read_orders, plain = read(tmp_path, orders, {**ORDERS, "Environment": {}})
    said = f"function 1 of {tmp_path / 'functions.json'}, arn:aws:lambda:eu-west-1:111122223333:function:orders"
    assert read_orders == FunctionDefinition(
        FunctionName("orders", None, "111122223333", "eu-west-1"),
        "shop.app:handler",
        said,
        timeout=30,
        memory_size=256,
        concurrency=0,
        description="Takes orders",
        variables={"TABLE": "orders"},
        tags={"team": "shop"},
        aliases={"live": AliasDefinition(), "next": AliasDefinition("app:other", "the next one")},
    )
    assert plain == FunctionDefinition(
        FunctionName("orders"), "app:handler", f"function 2 of {tmp_path / 'functions.json'}, orders"
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("orders", "is a text; it takes an object"),
        ({"Handler": "app:handler"}, "function 1 of .*functions.json has no FunctionName"),
        ({"FunctionName": "orders"}, "orders has no Handler"),
        ({"FunctionName": "", "Handler": "app:handler"}, "has no FunctionName"),
        (
            {**ORDERS, "Runtime": "python3.13", "x": 1},
            "there is no 'Runtime', 'x' here; it takes FunctionName, Handler,",
        ),
        ({**ORDERS, "FunctionName": "orders:live"}, "FunctionName takes no qualifier; aliases go into Aliases"),
        ({**ORDERS, "FunctionName": "a b"}, "'a b' is no name of a function"),
        ({**ORDERS, "FunctionName": 5}, "FunctionName is a whole number; it takes a text"),
        ({**ORDERS, "Timeout": 0}, "Timeout takes 1 to 900 seconds, not 0"),
        ({**ORDERS, "Timeout": 901}, "Timeout takes 1 to 900 seconds, not 901"),
        ({**ORDERS, "Timeout": True}, "Timeout is true; it takes a whole number"),
        ({**ORDERS, "Timeout": "3"}, "Timeout is a text; it takes a whole number"),
        ({**ORDERS, "Timeout": None}, "Timeout is null; it takes a whole number"),
        ({**ORDERS, "MemorySize": 127}, "MemorySize takes 128 to 10240 MB, not 127"),
        ({**ORDERS, "ReservedConcurrentExecutions": -1}, "ReservedConcurrentExecutions takes 0 or more invocations at"),
        ({**ORDERS, "Description": "x" * 257}, "Description has 257 characters, of 256 at most"),
        ({**ORDERS, "Environment": []}, "Environment is a list; it takes an object"),
        (
            {**ORDERS, "Environment": {"TABLE": "t"}},
            "Environment: there is no 'TABLE' here; it takes Variables, and not",
        ),
        (
            {**ORDERS, "Environment": {"Variables": {"N": 1}}},
            "Environment: Variables.N is a whole number; it takes a t",
        ),
        ({**ORDERS, "Tags": {"a": None}}, "Tags.a is null; it takes a text"),
        ({**ORDERS, "Aliases": ["live"]}, "Aliases is a list; it takes an object"),
        ({**ORDERS, "Aliases": {"1": {}}}, "'1' is no name of an alias"),
        ({**ORDERS, "Aliases": {"live": {"FunctionVersion": "1"}}}, "alias live: there is no 'FunctionVersion' here"),
        ({**ORDERS, "Aliases": {"live": {"Handler": 1}}}, "alias live: Handler is a whole number; it takes a text"),
    ],
)
def test_what_no_function_has_is_refused_with_its_place(tmp_path: Path, given: Any, told: str) -> None:
    with pytest.raises(FunctionDefinitionError, match=told) as refused:
        read(tmp_path, given)
    assert str(refused.value).startswith(f"function 1 of {tmp_path / 'functions.json'}")


def test_a_mark_of_the_encoding_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "functions.json"
    path.write_text(json.dumps([ORDERS]), encoding="utf-8-sig")
    assert [one.named.name for one in read_functions(path)] == ["orders"]


def test_a_file_that_is_no_list_of_functions_says_what_it_takes(tmp_path: Path) -> None:
    path = tmp_path / "functions.json"
    with pytest.raises(FunctionDefinitionError, match=r"functions.json cannot be read: No such file or directory"):
        read_functions(path)
    for content in (b"[", b"\xff", b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(FunctionDefinitionError, match=r"functions.json is no JSON: "):
            read_functions(str(path))
    path.write_text('[{"FunctionName": "a", "FunctionName": "b"}]', encoding="utf-8")
    with pytest.raises(FunctionDefinitionError, match=r"is no JSON: 'FunctionName' is there twice in one object$"):
        read_functions(path)
    path.write_text(json.dumps(ORDERS), encoding="utf-8")
    with pytest.raises(FunctionDefinitionError, match=re.escape('is an object; it takes a list of functions: [{"Fu')):
        read_functions(path)
