"""The data of a distillation: what a student and its teacher both read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from trainer.devices.runtime import Runtime
from trainer.plans.plan import Plan
from trainer.run.tokenization_facts import TokenizationFacts
from trainer.training.loop_state import PhaseData


@dataclass(frozen=True)
class TeachingData:
    """The data of all phases."""

    plan: Plan  # fitted to it
    contents: Sequence[Any]  # identify what each phase reads: JSON values
    open: Callable[[Plan, Sequence[int], Runtime], Sequence[PhaseData]]  # from the rows per micro batch of each phase
    described: Any  # for run_logs.json
    facts: TokenizationFacts
    kept: Mapping[str, bytes]  # files that an export needs
    vocab_sha256: str = ""
