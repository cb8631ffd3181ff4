"""What the jobs set aside, as `rejected/*.jsonl` tells it."""

import dataclasses
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejection:
    """Something of the input that was set aside: never in silence. `reason` is a short constant, `detail` explains.

    `size` is how many bytes of the (decompressed) input it stands for; of a damaged file, an estimate.
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
