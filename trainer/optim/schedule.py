"""The learning rate as a function of the step within a phase: warm-up, then decay.

Step 0 is the first update of the phase. Earlier phases do not matter: a phase that says "4e-4" gets 4e-4.
"""

import math

from trainer.plans.settings import LearningRate


def learning_rate(settings: LearningRate, phase_steps: int, step: int) -> float:
    """The learning rate of update `step` (0-based) of a phase of `phase_steps`.

    The warm-up is linear, from `warmup_from` at step 0 to `peak` at `warmup_steps`. The decay follows over
    `decay_steps` (0: to the end of the phase), and the rate stays at `end` afterwards. With `decay_from =
    "phase_start"` the decay counts from the first step of the phase, as in google-research/bert.
    """
    warmup = settings.warmup_steps
    if step < warmup:
        return settings.warmup_from + (settings.peak - settings.warmup_from) * step / warmup
    if settings.decay == "constant":
        return settings.peak
    if settings.decay == "inverse_sqrt":  # the peak at the end of the warm-up, then falling with 1 / sqrt(step)
        reference = max(warmup, 1)
        return settings.peak * math.sqrt(reference / max(step, reference))
    start = warmup if settings.decay_from == "warmup_end" else 0
    length = settings.decay_steps or max(phase_steps - start, 1)
    progress = min((step - start) / length, 1.0)
    if settings.decay == "cosine":
        left = 0.5 * (1.0 + math.cos(progress * math.pi))
    else:
        left = (1.0 - progress) ** (1.0 if settings.decay == "linear" else settings.power)
    return settings.end + (settings.peak - settings.end) * left
