"""What a test of a deployment does not take."""

from streamkit import Change, stream_handler
from streamkit.testing import check_deployment


@stream_handler
def handler(change: Change) -> None: ...


check_deployment("app:handler")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
check_deployment(handler, 1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
check_deployment(handler, "template.yaml", "Orders")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
check_deployment(handler, strict="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
check_deployment(handler, parameters={"Size": 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


def what_is_returned_are_findings() -> str:
    (warning,) = check_deployment(handler)
    return warning.level  # type: ignore[attr-defined, no-any-return]  # pyright: ignore[reportAttributeAccessIssue]
