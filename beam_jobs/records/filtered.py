"""An entry of `filtered/*.jsonl`: a document without fault that the user's settings left out of the corpus."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filtered:
    """A document that a filter took. `reason` is a short constant, and `detail` explains it.

    `offset` and `size` are as in a rejection. A duplicate names the document that is kept for it: its id, its source and
    offset there, and how many bands of their signatures the two share, 0 for an exact copy; a contained document the one that
    has most of its lines.
    """

    source: str
    offset: int
    reason: str
    detail: str = ""
    id: str = ""
    size: int = 0
    kept_id: str = ""
    kept_source: str = ""
    kept_offset: int = 0
    shared_bands: int = 0

    def to_json_line(self) -> str:
        """One line of `filtered/*.jsonl`, without the newline; of a document that has no kept one, without its place."""
        fields = {name: getattr(self, name) for name in self.__slots__}  # asdict would take most of the time
        if not self.kept_source:
            fields = {name: value for name, value in fields.items() if name not in _OF_KEPT}
        if not self.reason.startswith("duplicate"):
            fields.pop("shared_bands", None)
        return json.dumps(fields, ensure_ascii=False)


_OF_KEPT = ("kept_id", "kept_source", "kept_offset", "shared_bands")
