"""The environment variables that Lambda gives a function."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["function_environment"]

_LEFT_OUT = (
    # They make awslambdaric another runtime: of many invocations at once, or one that logs to a descriptor of Lambda's.
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "_LAMBDA_TELEMETRY_LOG_FD",
    "_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET",
    # Python would not end at its end, but read commands.
    "PYTHONINSPECT",
    # A process that is killed leaves half a file of measurements.
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
)
_ARN_PARTS = 7


def function_environment(  # noqa: PLR0913  # by name, what Lambda knows of a function
    given: Mapping[str, str], *, handler: str, name: str, function_arn: str, cwd: str, memory_mb: int
) -> dict[str, str]:
    """Return the variables of a function's process: this process' own, Lambda's, and those ``given`` above all.

    ``name``: of the function, where its ARN has none.
    """
    own = {variable: value for variable, value in os.environ.items() if variable not in _LEFT_OUT}
    parts = function_arn.split(":")
    if len(parts) >= _ARN_PARTS:
        name = parts[6]
        region = parts[3]
    else:
        region = ""
    region = own.get("AWS_REGION") or own.get("AWS_DEFAULT_REGION") or region or "us-east-1"
    paths = [cwd, *filter(None, [given.get("PYTHONPATH", own.get("PYTHONPATH"))])]
    return {
        **own,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": own.get("AWS_DEFAULT_REGION") or region,
        "TZ": ":UTC",
        **given,
        "PYTHONPATH": os.pathsep.join(paths),
        "_HANDLER": handler,
        "LAMBDA_TASK_ROOT": cwd,
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    }
