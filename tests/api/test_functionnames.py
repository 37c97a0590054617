from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamkit.api.functionnames import (
    FunctionName,
    function_arn,
    parse_function_name,
    parse_plain_function_name,
    parse_qualifier,
    with_qualifier,
)
from streamkit.api.refusals import Refusal

ACCOUNT = "123456789012"
AWS_PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?"
    r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)
REGIONS = st.sampled_from(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "ddblocal", "local"])
QUALIFIERS = st.one_of(st.none(), st.just("$LATEST"), st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("orders", FunctionName("orders")),
        ("orders:live", FunctionName("orders", "live")),
        ("orders:3", FunctionName("orders", "3")),
        ("orders:$LATEST", FunctionName("orders", "$LATEST")),
        ("function:orders", FunctionName("orders")),
        (f"{ACCOUNT}:function:orders", FunctionName("orders", None, ACCOUNT)),
        (f"{ACCOUNT}:function:orders:live", FunctionName("orders", "live", ACCOUNT)),
        (f"{ACCOUNT}:orders", FunctionName("orders", None, ACCOUNT)),
        (f"us-east-1:{ACCOUNT}:function:orders", FunctionName("orders", None, ACCOUNT, "us-east-1")),
        (f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders", FunctionName("orders", None, ACCOUNT, "us-east-1")),
        (f"arn:aws:lambda:ddblocal:{ACCOUNT}:function:orders:1", FunctionName("orders", "1", ACCOUNT, "ddblocal")),
        (f"arn:aws-cn:lambda:cn-north-1:{ACCOUNT}:function:o", FunctionName("o", None, ACCOUNT, "cn-north-1")),
        (
            f"arn:aws-us-gov:lambda:us-gov-west-1:{ACCOUNT}:function:o",
            FunctionName("o", None, ACCOUNT, "us-gov-west-1"),
        ),
        ("arn:aws:lambda:orders", FunctionName("orders")),
        ("orders.dotted:$LATEST.PUBLISHED", FunctionName("orders.dotted", "$LATEST.PUBLISHED")),
    ],
)
def test_every_form_that_lambda_takes_is_read(text: str, name: FunctionName) -> None:
    assert parse_function_name(text) == name


@given(NAMES, REGIONS, QUALIFIERS)
def test_an_arn_that_was_made_is_read_back(name: str, region: str, qualifier: str | None) -> None:
    arn = function_arn(region, ACCOUNT, name, qualifier)
    assert parse_function_name(arn) == FunctionName(name, qualifier, ACCOUNT, region)


@given(st.from_regex(re.compile(AWS_PATTERN, re.ASCII), fullmatch=True).filter(lambda text: len(text) <= 256))
def test_whatever_matches_aws_pattern_is_a_name(text: str) -> None:
    assert parse_function_name(text).name


@pytest.mark.parametrize(
    "text", ["a b", "orders:", "orders:a:b", "arn:aws:sqs:us-east-1:1:q", "orders\n", "é", "\u0661:o", "o" + ":" * 3]
)
def test_a_name_of_no_form_is_refused_with_aws_pattern(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_function_name(text)
    assert (refused.value.kind, refused.value.status) == ("ValidationException", 400)
    assert refused.value.message == (
        f"1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: Member must "
        f"satisfy regular expression pattern: {AWS_PATTERN}"
    )


def test_the_patterns_are_those_of_aws_own_model() -> None:
    session = pytest.importorskip("botocore.session")
    shapes = session.get_session().get_service_model("lambda")
    for shape, text, parse in (
        ("NamespacedFunctionName", "", parse_function_name),
        ("FunctionName", "", parse_plain_function_name),
        ("NumericLatestPublishedOrAliasQualifier", "", parse_qualifier),
    ):
        told = shapes.shape_for(shape).metadata
        with pytest.raises(Refusal, match=re.escape(told["pattern"])):
            parse(text)
        with pytest.raises(Refusal, match=f"less than or equal to {told['max']}$"):
            parse("a" * (told["max"] + 1))
        parse("a" * told["max"])


def test_a_name_that_is_empty_breaks_both_rules() -> None:
    with pytest.raises(
        Refusal, match=r"^ValidationException: 2 validation errors detected: Value '' at 'functionName'"
    ):
        parse_function_name("")


@pytest.mark.parametrize("text", ["orders.dotted", "orders:$LATEST.PUBLISHED"])
def test_calls_for_aliases_take_no_dots(text: str) -> None:
    assert parse_plain_function_name("orders:live") == FunctionName("orders", "live")
    with pytest.raises(Refusal, match="regular expression pattern"):
        parse_plain_function_name(text)


def test_the_qualifier_stands_in_the_name_or_beside_it() -> None:
    assert with_qualifier(FunctionName("orders"), None) is None
    assert with_qualifier(FunctionName("orders"), "live") == "live"
    assert with_qualifier(FunctionName("orders", "live"), None) == "live"
    assert with_qualifier(FunctionName("orders", "live"), "live") == "live"
    with pytest.raises(Refusal) as refused:
        with_qualifier(FunctionName("orders", "live"), "$LATEST")
    assert refused.value.kind == "InvalidParameterValueException"
    assert refused.value.message.startswith("The derived qualifier from the function name does not match")
    with pytest.raises(Refusal, match="at 'qualifier' failed to satisfy"):
        with_qualifier(FunctionName("orders"), "not one")


def test_the_partition_is_the_regions() -> None:
    assert function_arn("cn-north-1", ACCOUNT, "o") == f"arn:aws-cn:lambda:cn-north-1:{ACCOUNT}:function:o"
    assert function_arn("us-gov-west-1", ACCOUNT, "o").startswith("arn:aws-us-gov:")
