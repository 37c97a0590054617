from typing import Any

# Their texts are made of what is given by name; a class with names here cannot do without these.
class BotoCoreError(Exception):
    fmt: str
    kwargs: dict[str, Any]
    def __init__(self, **kwargs: object) -> None: ...

class HTTPClientError(BotoCoreError):
    def __init__(self, request: Any = None, response: Any = None, **kwargs: object) -> None: ...

class ReadTimeoutError(HTTPClientError):
    def __init__(self, request: Any = None, response: Any = None, *, endpoint_url: str, **kwargs: object) -> None: ...

class ConnectionError(BotoCoreError): ...  # noqa: A001  # botocore's name

class EndpointConnectionError(ConnectionError):
    def __init__(self, *, endpoint_url: str, **kwargs: object) -> None: ...

class NoRegionError(BotoCoreError): ...
class NoCredentialsError(BotoCoreError): ...

class PartialCredentialsError(BotoCoreError):
    def __init__(self, *, provider: str, cred_var: str, **kwargs: object) -> None: ...

class ProfileNotFound(BotoCoreError):
    def __init__(self, *, profile: str, **kwargs: object) -> None: ...

class ClientError(Exception):
    MSG_TEMPLATE: str
    response: dict[str, Any]
    operation_name: str
    def __init__(self, error_response: dict[str, Any], operation_name: str) -> None: ...

class WaiterError(BotoCoreError):
    def __init__(self, name: str, reason: str, last_response: Any) -> None: ...
