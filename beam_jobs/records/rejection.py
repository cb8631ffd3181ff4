"""An entry of `rejected/*.jsonl`: something that a job set aside."""

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejection:
    """A part of the input that was set aside. `reason` is a short constant, and `detail` explains it.

    `size` is the size of that part in bytes of the (decompressed) input; for a damaged file it is an estimate.
    """

    source: str
    offset: int
    reason: str
    detail: str = ""
    id: str = ""
    size: int = 0

    def to_json_line(self) -> str:
        """One line of `rejected/*.jsonl`, without the newline."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)
