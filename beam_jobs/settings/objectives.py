"""The objectives of the instances job: what the second segment of an instance is, and what its label means.

Everything that distinguishes objectives is here. These values decide how pairs are planned, and how labels are counted,
checked, described and written into the manifest. So a new objective whose pairs are drawn in one of these ways is just
another entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Pairs:
    """How the second segment B of an instance is chosen for the first, A.

    With a certain probability B is random, that is text of another document. Otherwise B is the text after A, and with
    a certain probability the two are then swapped. A pair that is neither random nor swapped has label 0.
    """

    random: float = 0.0  # the probability of a random B
    random_label: int = 1  # also for pairs that are always random; see `compatibility` in `instances/pairs.py`
    swapped: float = 0.0  # the probability that A and B are swapped, among the pairs whose B is not random
    swapped_label: int = 1


@dataclass(frozen=True)
class Objective:
    """A choice of `--objective`. Without `pairs`, instances are whole sentences without a second segment or a task.

    Where pairs are `given`, each document is a record of two texts (`--pair_field` of the segment job), A and B; B may be
    random, and is then that of another document, but is never swapped.
    """

    task: str  # for --help: the task and a model that was trained on it
    labels: tuple[str, ...] = ()  # meanings of the values of `next_sentence_labels`; empty without a task
    pairs: Pairs | None = None
    given: bool = False

    @property
    def label_words(self) -> tuple[str, ...]:
        """Words for each value that the label has in the records; where there is no task, it is always 0."""
        return self.labels or (GIVEN_PAIR if self.given else BERT_LABELS)

    @property
    def draws_random(self) -> bool:
        """Whether some second segments come from another document, which must then exist."""
        return self.pairs is not None and self.pairs.random > 0

    @property
    def label_shares(self) -> tuple[float, ...]:
        """The expected share of each label."""
        shares = [0.0] * len(self.labels)
        if self.pairs and self.labels:
            others = 1 - self.pairs.random
            shares[0] = others * (1 - self.pairs.swapped)
            shares[self.pairs.random_label] += self.pairs.random
            shares[self.pairs.swapped_label] += others * self.pairs.swapped
        return tuple(shares)


GIVEN_PAIR = ("A and B of one record",)
"""The meaning of the only label of given pairs."""

BERT_LABELS = ("B follows A", "B is random or swapped")
"""The meanings of labels in records of unknown origin. The sample files of both tasks use these words too."""

OBJECTIVES: Mapping[str, Objective] = MappingProxyType(
    {
        "nsp": Objective("next sentence (BERT)", BERT_LABELS, Pairs(random=0.5)),
        "sop": Objective("sentence order (ALBERT)", BERT_LABELS, Pairs(swapped=0.5)),
        "full_sentences": Objective("none with packed sentences (RoBERTa)"),
        "pairs_given": Objective("none with the two texts of a record (CodeBERT)", (), Pairs(), given=True),
        "pairs_matching": Objective(
            "do the two texts belong to one record", (*GIVEN_PAIR, "B of another record"), Pairs(random=0.5), given=True
        ),
    }
)


def objective_of(settings: Mapping[str, object]) -> Objective:
    """The objective in the settings of a manifest, or that of BERT if they name no known one."""
    return OBJECTIVES.get(str(settings.get("objective")), OBJECTIVES["nsp"])
