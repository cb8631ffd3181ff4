"""Which layers of its teacher a student begins with."""

from beam_jobs.errors import UserError
from trainer.plans.distillation import Distillation


def evenly(layers: int, count: int) -> tuple[int, ...]:
    """`count` of so many layers, numbered from 0: as evenly as possible, the first and always the last.

    Of 12 layers 6 are 0, 2, 4, 7, 9 and 11, as in DistilBERT. Without the last layer a student begins far away from what
    its teacher's last hidden states are; one layer alone is the last.
    """
    if count == 1:
        return (layers - 1,)
    gaps = count - 1
    return tuple((2 * i * (layers - 1) + gaps - 1) // (2 * gaps) for i in range(count))


def chosen_layers(settings: Distillation, layers: int, teacher: str) -> tuple[int, ...]:
    """The layers that the settings choose of the teacher's `layers`; of a student that begins at random, as many as it has.

    Raises UserError, naming the `teacher`, if it has too few.
    """
    for layer in settings.from_layers:
        if layer >= layers:
            raise UserError(
                f"distillation.from_layers names layer {layer}, but {teacher} has the layers 0 to {layers - 1}; name those"
            )
    if settings.layers > layers:
        raise UserError(
            f"distillation.layers is {settings.layers}, but {teacher} has only {layers}; name at most {layers}, fewer for a "
            "smaller student"
        )
    return settings.from_layers or evenly(layers, settings.layers or max(1, layers // 2))
