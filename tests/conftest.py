"""Settings that all tests share."""

from hypothesis import settings

# A machine that is busy with other tests is no reason for a property to fail.
settings.register_profile("streamkit", deadline=None, print_blob=True)
settings.load_profile("streamkit")
