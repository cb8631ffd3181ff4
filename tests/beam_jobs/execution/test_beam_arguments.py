"""Beam's own parser has the last word on its options."""

import pytest

from beam_jobs.errors import UserError
from beam_jobs.execution.beam_arguments import check_beam_arguments
from beam_jobs.execution.run_pipeline import pipeline_options


def test_options_of_beam_are_taken() -> None:
    check_beam_arguments(["--runner=FlinkRunner", "--flink_master=local", "--streaming"])
    check_beam_arguments([])


@pytest.mark.parametrize("check", [check_beam_arguments, pipeline_options])
def test_a_slip_in_one_is_one_line(check) -> None:
    with pytest.raises(UserError, match=r"argument --direct_num_workers: invalid int value: 'x' \(an option of Beam\)"):
        check(["--direct_num_workers=x"])
    with pytest.raises(UserError, match=r"^unknown argument --runer=FlinkRunner; did you mean --runner\?$"):
        check(["--runer=FlinkRunner"])
