from __future__ import annotations

import os
import sys
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from streamkit.api.functiondefinitions import AliasDefinition, FunctionDefinition, FunctionDefinitionError
from streamkit.api.functionnames import FunctionName, parse_function_name
from streamkit.api.refusals import Refusal
from streamkit.local.invokers.invoker import Answer
from streamkit.local.invokers.lambdaruntime import RuntimeUnavailableError
from tests.api.functionbuild import REGION, Project, load, project

if TYPE_CHECKING:
    from streamkit.api.functionmodel import ResolvedFunction
    from streamkit.api.functions import Functions

__all__ = ["project"]

ORDERS = FunctionDefinition(FunctionName("orders"), "app:handler", "here")
ARN = f"arn:aws:lambda:{REGION}:123456789012:function:orders"


def found(functions: Functions, name: str, region: str = REGION) -> ResolvedFunction | None:
    return functions.find(parse_function_name(name), region)


def refusal(functions: Functions, name: str, region: str = REGION) -> tuple[str, int, str]:
    with pytest.raises(Refusal) as refused:
        functions.resolve(parse_function_name(name), region)
    return refused.value.kind, refused.value.status, refused.value.message


@pytest.mark.parametrize("name", ["orders", "function:orders", "123456789012:function:orders", ARN])
def test_a_function_is_found_under_every_form_of_its_name(project: Project, name: str) -> None:
    functions = project.functions("orders=app:handler")
    function = functions.resolve(parse_function_name(name), REGION)
    assert (function.name, function.arn, function.unqualified_arn) == ("orders", ARN, ARN)
    assert (function.version.number, function.timeout) == ("$LATEST", 3)
    assert function.handler is load("app:handler")


def test_a_function_without_a_region_is_in_every_region(project: Project) -> None:
    functions = project.functions("orders=app:handler", account="111122223333")
    for region in ("us-east-1", "ddblocal"):
        function = found(functions, "orders", region)
        assert function is not None
        assert function.arn == f"arn:aws:lambda:{region}:111122223333:function:orders"


def test_a_function_with_a_full_arn_is_there_and_nowhere_else(project: Project) -> None:
    there = ARN.replace("123456789012", "111122223333")
    functions = project.functions(f"{there}=app:handler", f"{ARN}=app:other", "orders=app:handler")
    assert found(functions, "orders", "us-east-1") is not None
    own, other = found(functions, "orders"), found(functions, there)
    assert own is not None
    assert other is not None
    assert (own.arn, own.version.target) == (ARN, "app:other")
    assert (other.arn, other.version.target) == (there, "app:handler")
    elsewhere = there.replace(REGION, "us-east-1")
    assert refusal(functions, elsewhere, "us-east-1") == (
        "ResourceNotFoundException",
        404,
        f"Function not found: {elsewhere}",
    )
    assert [one.versions["$LATEST"].target for one in functions.in_region(REGION)] == ["app:other"]
    assert [one.versions["$LATEST"].target for one in functions.in_region("us-east-1")] == ["app:handler"]


def test_what_is_not_there_is_refused_as_aws_refuses_it(project: Project) -> None:
    functions = project.functions("orders=app:handler")
    kind, status, text = refusal(functions, "nobody")
    assert (kind, status) == ("ResourceNotFoundException", 404)
    assert text == f"Function not found: arn:aws:lambda:{REGION}:123456789012:function:nobody"
    assert refusal(functions, "orders:live")[2] == f"Function not found: {ARN}:live"
    assert refusal(functions, "orders:1")[2] == f"Function not found: {ARN}:1"
    assert found(functions, ARN, "us-east-1") is None
    assert refusal(functions, ARN, "us-east-1")[2] == (
        f"Functions from '{REGION}' are not reachable in this region ('us-east-1')"
    )


def test_an_alias_of_the_same_code_is_one_of_latest(project: Project) -> None:
    functions = project.functions("orders:live=app:handler")
    alias, latest = found(functions, "orders:live"), found(functions, "orders:$LATEST")
    assert alias is not None
    assert latest is not None
    assert (alias.arn, alias.unqualified_arn, alias.version.number) == (f"{ARN}:live", ARN, "$LATEST")
    assert alias.invoker is latest.invoker
    assert latest.arn == f"{ARN}:$LATEST"
    beside = functions.resolve(FunctionName("orders"), REGION, "live")
    assert beside.arn == f"{ARN}:live"


def test_an_alias_of_other_code_has_a_version_of_its_own(project: Project) -> None:
    project.write("later", "def handler(event, context): ...\n")
    functions = project.functions(
        "orders:2=later:handler",
        "orders:live=app:other",
        "orders=app:handler",
        "orders:best=app:other",
        "orders:two=later:handler",
    )
    numbers = {
        name: None if (one := found(functions, f"orders:{name}")) is None else one.version.number
        for name in ("$LATEST", "2", "3", "live", "best", "two", "1")
    }
    assert numbers == {"$LATEST": "$LATEST", "2": "2", "3": "3", "live": "3", "best": "3", "two": "2", "1": None}
    assert functions.targets() == [
        ("orders", "app:handler"),
        ("orders:2", "later:handler"),
        ("orders:3", "app:other"),
        ("orders:best", "app:other"),
        ("orders:live", "app:other"),
        ("orders:two", "later:handler"),
    ]


def test_aliases_of_a_file_lead_to_the_function_or_to_a_handler_of_their_own(project: Project) -> None:
    aliases = {"live": AliasDefinition(description="now"), "next": AliasDefinition("app:other")}
    functions = project.functions(replace(ORDERS, aliases=aliases), "orders:old=app:other")
    (function,) = functions.in_region(REGION)
    told = [(one.name, one.version, one.description) for one in function.aliases.values()]
    assert told == [("live", "$LATEST", "now"), ("next", "1", ""), ("old", "1", "")]


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("orders=app:handler", "orders=app:other", "orders"),
        ("orders:$LATEST=app:handler", "orders=app:other", "orders"),
        ("orders:live=app:handler", "123456789012:function:orders:live=app:other", "orders:live"),
        ("orders:1=app:handler", "orders:1=app:handler", "orders:1"),
    ],
)
def test_what_is_defined_twice_is_refused(project: Project, one: str, other: str, what: str) -> None:
    with pytest.raises(FunctionDefinitionError) as refused:
        project.functions(one, other)
    assert str(refused.value) == f"{what} is there twice: --function {one}, and --function {other}"


def test_what_a_file_and_an_option_define_together_is_refused_too(project: Project) -> None:
    with pytest.raises(
        FunctionDefinitionError, match=r"^orders:live is there twice: here, and --function orders:live="
    ):
        project.functions(replace(ORDERS, aliases={"live": AliasDefinition()}), "orders:live=app:other")


def test_an_account_has_twelve_digits(project: Project) -> None:
    with pytest.raises(FunctionDefinitionError, match="number of 12 digits, as 123456789012, not '12'"):
        project.functions("orders=app:handler", account="12")


def test_what_cannot_be_imported_shows_at_once(project: Project) -> None:
    project.write("broken", "1 / 0\n")
    with pytest.raises(ZeroDivisionError):
        project.functions("orders=broken:handler")


def test_a_module_finds_the_functions_variables_while_it_is_imported(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODE", "ours")
    monkeypatch.delenv("TABLE", raising=False)
    project.write(
        "app", "import os\nSEEN = os.environ['TABLE'], os.environ['MODE']\ndef handler(event, context): ...\n"
    )
    pytest.importorskip("awslambdaric")
    project.functions(replace(ORDERS, variables={"TABLE": "orders", "MODE": "theirs"}), in_process=False)
    assert sys.modules["app"].SEEN == ("orders", "theirs")
    assert os.environ["MODE"] == "ours"
    assert "TABLE" not in os.environ


def test_variables_are_for_processes_of_their_own(project: Project) -> None:
    with pytest.raises(FunctionDefinitionError, match=r"^here: Environment is for functions in processes of their own"):
        project.functions(replace(ORDERS, variables={"TABLE": "orders"}))


def test_a_function_in_this_process_gets_its_name_arn_and_time(project: Project) -> None:
    project.write(
        "app",
        """
        def handler(event, context):
            left = context.get_remaining_time_in_millis()
            return [event, context.function_name, context.invoked_function_arn, context.aws_request_id, 50_000 < left]
        """,
    )
    functions = project.functions("orders:live=app:handler", timeout=60)
    function = functions.resolve(parse_function_name("orders:live"), REGION)
    answer = function.invoker.invoke(b'{"a": 1}', "id", function.arn)
    assert answer == Answer(response=[{"a": 1}, "orders", f"{ARN}:live", "id", True], failures=answer.failures)


def test_an_invoker_of_a_mapping_goes_where_the_mapping_leads_now(project: Project) -> None:
    functions = project.functions("orders=app:handler", "others=app:other")
    leads_to = ARN
    routed = functions.routed(lambda: leads_to)
    assert routed.function_name == "orders"
    assert routed.invoke(b"1", "id", "another").response == 1
    leads_to = ARN.replace("orders", "others:$LATEST")
    assert routed.function_name == "others"
    assert routed.invoke(b"1", "id", "another").response == 2
    leads_to = ARN.replace("orders", "gone")
    assert routed.invoke(b"1", "id", "another") == Answer(
        throttled=f"Function not found: {leads_to}: its records wait until the server is given it"
    )
    routed.close()
    by_call = functions.routed()
    assert by_call.function_name == "function"
    assert by_call.invoke(b"1", "id", "others").response == 2


def test_functions_that_are_closed_run_no_more_and_lose_nothing(project: Project) -> None:
    with project.functions("orders=app:handler") as functions:
        function = functions.resolve(FunctionName("orders"), REGION)
    assert function.invoker.invoke(b"1", "id", ARN) == Answer(throttled="the server is being shut down")


def test_an_attribute_of_an_attribute_is_refused_with_its_place(project: Project) -> None:
    pytest.importorskip("awslambdaric")
    definition = replace(ORDERS, handler="app:App.handler")
    with pytest.raises(
        FunctionDefinitionError, match=r"^here: 'app:App.handler' leads to an attribute of an attribute"
    ):
        project.functions(definition, in_process=False, load=lambda _: load("app:handler"))


def test_without_lambdas_runtime_client_the_other_way_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamkit.local.invokers.lambdaruntime.find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailableError) as refused:
        project.functions("orders=app:handler", in_process=False)
    assert str(refused.value).startswith("--function orders=app:handler: Lambda's runtime client for Python is not ins")
    assert str(refused.value).endswith("; or let the functions run in this process: --invoker in-process")


def test_in_a_process_of_its_own_a_function_has_its_variables_its_memory_and_its_time(project: Project) -> None:
    pytest.importorskip("awslambdaric", reason="needs awslambdaric, which is for Linux: pip install awslambdaric")
    project.write(
        "app",
        """
        import os, time
        def handler(event, context):
            if event == "slow":
                time.sleep(60)
            print("hello")
            return [os.getpid(), os.environ.get("TABLE"), context.memory_limit_in_mb, context.function_name]
        """,
    )
    definition = replace(ORDERS, variables={"TABLE": "orders"}, memory_size=256, timeout=1)
    functions = project.functions(definition, in_process=False)
    function = functions.resolve(FunctionName("orders"), REGION)
    answer = function.invoker.invoke(b"{}", "id", function.arn)
    assert answer.response[1:] == ["orders", "256", "orders"]
    assert answer.response[0] != os.getpid()
    assert "hello" in answer.log
    assert str(function.invoker.invoke(b'"slow"', "id", function.arn).error) == "Task timed out after 1.00 seconds"
    functions.close()
    functions.close()
    assert function.invoker.invoke(b"{}", "id", function.arn).throttled == "the server is being shut down"


def test_what_the_module_of_a_function_holds_is_told(project: Project) -> None:
    functions = project.functions("orders=app:handler", "built=builtins:print")
    orders, built = functions.resolve(FunctionName("orders"), REGION), functions.resolve(FunctionName("built"), REGION)
    assert orders.version.code.size == (project.folder / "app.py").stat().st_size
    assert orders.version.code.modified.timestamp() == pytest.approx((project.folder / "app.py").stat().st_mtime, abs=1)
    assert (built.version.code.size, built.version.code.modified.timestamp()) == (0, 0)


def test_a_module_in_an_archive_has_no_file_to_tell_of(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(project.folder / "packed.zip", "w") as archive:
        archive.writestr("packed.py", "def handler(event, context): ...\n")
    monkeypatch.syspath_prepend(str(project.folder / "packed.zip"))
    functions = project.functions("packed=packed:handler")
    code = functions.resolve(FunctionName("packed"), REGION).version.code
    assert (code.size, code.modified.timestamp()) == (0, 0)
