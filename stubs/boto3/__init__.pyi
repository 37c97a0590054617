from boto3.session import Session as Session
from botocore.client import BaseClient
from botocore.config import Config

__version__: str

# The default session's Session.client; its own signature is (*args, **kwargs).
def client(
    service_name: str,
    region_name: str | None = None,
    api_version: str | None = None,
    use_ssl: bool = True,
    verify: bool | str | None = None,
    endpoint_url: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    config: Config | None = None,
    aws_account_id: str | None = None,
) -> BaseClient: ...
