"""The training itself: data to batches, step, loop, evaluation, on whatever devices there are."""
