"""Learning rates as a function of the step of the phase: warm-up, then decay, both of that phase.

Step 0 is the first update of the phase, whatever came before it: a phase that says "4e-4" gets 4e-4. The same function
serves the compiled step (`ops=keras.ops`) and the tables of `plan show` (`ops=numpy`).
"""

from typing import Any

import numpy as np

from trainer.plan_settings import LearningRate


def learning_rate(settings: LearningRate, phase_steps: int, step: Any, ops: Any = np) -> Any:
    """The learning rate of update `step` (0-based) of a phase of `phase_steps`: float32 or float64 scalar.

    Warm-up is linear from `warmup_from` at step 0 to `peak` at `warmup_steps`. The decay then runs over `decay_steps`
    (0: to the phase's end) and holds `end` from there on; with `decay_from = "phase_start"` its progress is counted
    from the phase's first step, as in google-research/bert.
    """
    step = ops.cast(step, "float32") if hasattr(ops, "cast") else np.float64(step)
    warmup = settings.warmup_steps
    start = warmup if settings.decay_from == "warmup_end" else 0
    length = settings.decay_steps or max(phase_steps - start, 1)
    progress = ops.minimum(ops.maximum((step - start) / length, 0.0), 1.0)
    after = _decayed(settings, progress, step, ops)
    if not warmup:
        return after
    rising = settings.warmup_from + (settings.peak - settings.warmup_from) * step / warmup
    return ops.where(step < warmup, rising, after)


def _decayed(settings: LearningRate, progress: Any, step: Any, ops: Any) -> Any:
    span = settings.peak - settings.end
    if settings.decay == "constant":
        return settings.peak + 0.0 * progress
    if settings.decay == "cosine":
        return settings.end + span * 0.5 * (1.0 + ops.cos(progress * float(np.pi)))
    if settings.decay == "inverse_sqrt":  # peak at the end of the warm-up, then falling with 1 / sqrt(step)
        reference = max(settings.warmup_steps, 1)
        return settings.peak * ops.sqrt(reference / ops.maximum(step, float(reference)))
    power = 1.0 if settings.decay == "linear" else settings.power
    return settings.end + span * (1.0 - progress) ** power
