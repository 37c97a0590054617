"""What Lambda's runtime makes of a response, and of the next event: by AWS's own code where it can be installed."""

from __future__ import annotations

import json
import os
import sys
from typing import Any
from unittest.mock import patch

if sys.platform == "linux":
    from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

    def _runtime(version: str) -> LambdaMarshaller:
        # Until Python 3.11 it escapes what is not ASCII, from 3.12 on it does not.
        with patch.dict(os.environ, AWS_EXECUTION_ENV=f"AWS_Lambda_python{version}"):
            return LambdaMarshaller()

    _RUNTIMES = [_runtime("3.11"), _runtime("3.13")]

    def runtime_copies(value: Any) -> list[Any]:
        """Return what each of Lambda's Python runtimes sends and reads again."""
        copies = []
        for runtime in _RUNTIMES:
            text, kind = runtime.marshal_response(value)
            assert kind == "application/json"
            assert isinstance(text, str)
            copies.append(runtime.unmarshal_request(text.encode()))
        return copies

else:  # AWS builds its client for Linux only

    def runtime_copies(value: Any) -> list[Any]:
        """Return what each of Lambda's Python runtimes sends and reads again."""
        texts = json.dumps(value), json.dumps(value, ensure_ascii=False)
        return [json.loads(text.encode()) for text in texts]
