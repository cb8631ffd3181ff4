"""Which backend Keras runs on: JAX unless `KERAS_BACKEND` says otherwise. Imported before Keras, by `trainer/__init__.py`.

Keras reads the variable once, when it is first imported, so there is one place that sets it. TensorFlow beside JAX only
reads records and checkpoints, so its start-up chatter is silenced.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
