"""Settings that all tests share."""

from hypothesis import settings

pytest_plugins = ["pytester", "tests.parts.fixtures"]

# A machine that is busy with other tests is no reason for a property to fail.
settings.register_profile("streamkit", deadline=None, print_blob=True)
settings.load_profile("streamkit")
