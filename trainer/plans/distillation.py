"""The table `[distillation]` of a plan: how a smaller network learns from a larger one, its teacher."""

from dataclasses import dataclass

from beam_jobs.errors import Problems, raise_first

MASKED, ALL = "masked", "all"
TEACHER, RANDOM = "teacher", "random"


@dataclass(frozen=True)
class Distillation:
    """The defaults are those of DistilBERT (Sanh et al. 2019), but for `positions`, which it has at "all".

    The loss is the sum of three losses, each times its weight. A weight of 0 leaves a loss out.
    """

    layers: int = 0  # of the student; 0: half of the teacher's, or as many as from_layers names
    from_layers: tuple[int, ...] = ()  # the teacher's layers to begin with, from 0; empty: evenly, always with the last
    start: str = TEACHER  # begin with the weights of the teacher's layers, or "random"
    soft_weight: float = 5.0  # of the cross entropy with the teacher's softened predictions
    mlm_weight: float = 2.0  # of the masked-LM loss
    cos_weight: float = 1.0  # of the cosine distance between the last hidden states of both
    temperature: float = 2.0  # by which the logits of both are divided before they are compared
    positions: str = MASKED  # where predictions are compared: at "masked" pieces, or at "all"

    @property
    def predicts(self) -> bool:
        """Whether the student learns to predict pieces, and not the hidden states alone."""
        return self.soft_weight > 0 or self.mlm_weight > 0

    def problems(self) -> Problems:
        """What is wrong with these settings, by field."""
        if self.layers < 0:
            yield "layers", f"is {self.layers}: must not be negative; 0 is half of the teacher's"
        if any(layer < 0 for layer in self.from_layers) or list(self.from_layers) != sorted(set(self.from_layers)):
            yield (
                "from_layers",
                f"is {list(self.from_layers)}: name layers of the teacher once each, in ascending order",
            )
        if self.from_layers and self.layers not in (0, len(self.from_layers)):
            yield "layers", f"is {self.layers}, but from_layers names {len(self.from_layers)}: leave one of them out"
        if self.start not in (TEACHER, RANDOM):
            yield "start", f'is {self.start!r}: use "{TEACHER}" or "{RANDOM}"'
        if self.start == RANDOM and self.from_layers:
            yield "from_layers", "is given, but start is random: leave one of them out"
        for name in ("soft_weight", "mlm_weight", "cos_weight"):
            if getattr(self, name) < 0:
                yield name, f"is {getattr(self, name)}: must not be negative; 0 leaves this loss out"
        if not (self.soft_weight or self.cos_weight):
            yield "soft_weight", "is 0, and cos_weight too: nothing is learned from the teacher; set one of them"
        if self.temperature <= 0:
            yield "temperature", f"is {self.temperature}: must be above 0; 2 is DistilBERT's"
        if self.positions not in (MASKED, ALL):
            yield "positions", f'is {self.positions!r}: use "{MASKED}" or "{ALL}"'

    def validate(self) -> None:
        """Raise UserError for the first setting that is wrong."""
        raise_first(self.problems(), "distillation.")
