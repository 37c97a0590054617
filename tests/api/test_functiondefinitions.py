from __future__ import annotations

import pytest

from streamkit.api.functiondefinitions import FunctionDefinitionError, check_alias, function_option
from streamkit.api.functionnames import FunctionName


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("orders=app:handler", FunctionName("orders")),
        ("orders:live=app:handler", FunctionName("orders", "live")),
        ("orders:3=app:handler", FunctionName("orders", "3")),
        ("orders:$LATEST=app:handler", FunctionName("orders", "$LATEST")),
        (
            "arn:aws:lambda:ddblocal:111122223333:function:orders=app:handler",
            FunctionName("orders", None, "111122223333", "ddblocal"),
        ),
    ],
)
def test_the_option_gives_a_name_its_handler(text: str, named: FunctionName) -> None:
    definition = function_option(text)
    assert (definition.named, definition.handler, definition.said) == (named, "app:handler", f"--function {text}")


@pytest.mark.parametrize("text", ["orders", "=app:handler", "orders=", ""])
def test_an_option_without_both_sides_says_what_it_takes(text: str) -> None:
    with pytest.raises(FunctionDefinitionError, match=f"^--function {text}: it takes NAME=MODULE:ATTRIBUTE, for exam"):
        function_option(text)


@pytest.mark.parametrize("name", ["a b", "a.b", "a" * 65, "arn:aws:sqs:us-east-1:1:q"])
def test_a_name_that_no_function_can_have_is_refused(name: str) -> None:
    with pytest.raises(FunctionDefinitionError, match=f"'{name}' is no name of a function: up to 64 of the characters"):
        function_option(f"{name}=app:handler")


def test_an_alias_has_a_name_that_is_no_number() -> None:
    check_alias("a" * 128, "here")
    for name in ("1", "", "$LATEST", "a.b", "a" * 129):
        with pytest.raises(FunctionDefinitionError, match=r"^here: .* is no name of an alias: up to 128 of the chara"):
            check_alias(name, "here")
    with pytest.raises(FunctionDefinitionError, match="is no name of an alias"):
        function_option("orders:$LATEST.PUBLISHED=app:handler")
