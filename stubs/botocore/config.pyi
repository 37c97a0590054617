from typing import Any

class Config:
    def __init__(
        self,
        *,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        max_pool_connections: int | None = None,
        retries: dict[str, Any] | None = None,
        s3: dict[str, Any] | None = None,
        account_id_endpoint_mode: str | None = None,
    ) -> None: ...
