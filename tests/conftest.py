"""Keras reads its backend once, when it is first imported: whichever test comes first, it is the trainer's choice."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
