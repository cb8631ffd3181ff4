"""The objectives of the instances job: what the second segment of an instance is, and what its label says about it.

All that tells one objective from another stands here. Pairs are planned, labels counted, checked, described and written
into the manifest from these values, so a new objective whose pairs are drawn in these ways is one more entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Pairs:
    """How the second segment B of an instance follows from the first, A.

    By chance B is random: text of another document. Else it is what comes after A, and by chance the two then change
    places. A pair of neither kind has label 0.
    """

    random: float = 0.0  # the probability of a random B
    random_label: int = 1  # also of pairs that are random without chance, see `compatibility` in `instances/pairs.py`
    swapped: float = 0.0  # the probability that A and B change places, of the pairs whose B is not random
    swapped_label: int = 1


@dataclass(frozen=True)
class Objective:
    """One choice of `--objective`. Without `pairs`, instances are whole sentences with no second segment and no task."""

    task: str  # for --help: the task and a model that was trained on it
    labels: tuple[str, ...] = ()  # what each value of `next_sentence_labels` says, in a few words; empty without a task
    pairs: Pairs | None = None

    @property
    def draws_random(self) -> bool:
        """Whether some second segments come from another document, so that there must be one."""
        return self.pairs is not None and self.pairs.random > 0

    @property
    def label_shares(self) -> tuple[float, ...]:
        """The share of the instances that each label is expected to have."""
        shares = [0.0] * len(self.labels)
        if self.pairs:
            others = 1 - self.pairs.random
            shares[0] = others * (1 - self.pairs.swapped)
            shares[self.pairs.random_label] += self.pairs.random
            shares[self.pairs.swapped_label] += others * self.pairs.swapped
        return tuple(shares)


BERT_LABELS = ("B follows A", "B is random or swapped")
"""What labels say in records of unknown origin, too. The sample files of both tasks have these words."""

OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "nsp": Objective("next sentence (BERT)", BERT_LABELS, Pairs(random=0.5)),
        "sop": Objective("sentence order (ALBERT)", BERT_LABELS, Pairs(swapped=0.5)),
        "full_sentences": Objective("none with packed sentences (RoBERTa)"),
    }
)


def objective_of(settings: Mapping[str, object]) -> Objective:
    """The objective in a manifest's settings; that of BERT where they name none that is known here."""
    return OBJECTIVES.get(str(settings.get("objective")), OBJECTIVES["nsp"])
