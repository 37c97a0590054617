"""Settings that all tests share."""

import os

from hypothesis import settings

if "PYTEST_XDIST_WORKER" in os.environ:
    # This process is measured (`make unit`); what its tests start is not.
    os.environ.pop("COVERAGE_PROCESS_START", None)

pytest_plugins = ["pytester", "tests.parts.fixtures"]

# A machine that is busy with other tests is no reason for a property to fail.
settings.register_profile("streamkit", deadline=None, print_blob=True)
settings.load_profile("streamkit")
