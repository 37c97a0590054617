from typing import Any

class Config:
    OPTION_DEFAULTS: dict[str, Any]
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
    def merge(self, other_config: Config) -> Config: ...
