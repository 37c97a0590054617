from typing import Any

class Session:
    def __init__(self, *, region_name: str | None = None, profile_name: str | None = None) -> None: ...
    region_name: str | None
    def client(
        self,
        service_name: str,
        region_name: str | None = None,
        *,
        endpoint_url: str | None = None,
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        config: Any = None,
    ) -> Any: ...
