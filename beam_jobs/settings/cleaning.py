"""Settings of the filters that leave documents out of a corpus. By default none does; what they would do is counted."""

from typing import Any

from beam_jobs.settings.field import setting


def max_filtered_setting() -> Any:
    """The setting for how much of the input the filters may take."""
    help = (
        "the job fails at its end if the filters took a larger share of the documents; documents with faults, which "
        "--max_rejected limits, do not count here"
    )
    return setting(0.9, help, metavar="SHARE", affects_output=False)
