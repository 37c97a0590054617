from typing import Any

class Config:
    OPTION_DEFAULTS: dict[str, Any]
    # What is not given is None, or its default in OPTION_DEFAULTS.
    region_name: str | None
    connect_timeout: float
    read_timeout: float
    max_pool_connections: int
    retries: dict[str, Any] | None
    s3: dict[str, Any] | None
    # Its own signature is (*args, **kwargs): each option of OPTION_DEFAULTS, of which these are used here.
    def __init__(
        self,
        *,
        region_name: str | None = None,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        max_pool_connections: int | None = None,
        retries: dict[str, Any] | None = None,
        s3: dict[str, Any] | None = None,
        account_id_endpoint_mode: str | None = None,
        parameter_validation: bool | None = None,
    ) -> None: ...
    def merge(self, other_config: Config) -> Config: ...
