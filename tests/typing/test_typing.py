"""The typing proofs are read by mypy and pyright (`make types`); what they accept must also run."""

from tests.typing import accepted


def test_what_type_checkers_accept_works_at_run_time() -> None:
    accepted.the_handlers_own_type_shows_call_mapping_and_the_wrapped_function()
    accepted.an_insert_of_a_subclass_is_an_insert_of_its_base()
    accepted.the_runner_takes_handlers_tables_and_records()
    accepted.a_window_handlers_own_type_shows_call_mapping_and_the_wrapped_fold()
    accepted.a_final_function_stays_itself()
    accepted.the_runner_takes_window_handlers()
