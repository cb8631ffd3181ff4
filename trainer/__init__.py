"""Trains a BERT from instance shards: Keras model, LAMB, multi-phase plans, exact resume, import and export.

For Python programs (`import trainer` loads neither Keras nor JAX, and sets nothing):

    model = trainer.load("exported")                       # a folder that `trainer export` has written
    model.encode(["Filmen er god."]).last_hidden_state     # float32 [texts, longest, hidden]
    model.fill_mask("Filmen er [MASK].")[0]                # proposals for the first gap
    trainer.finetune("classify", model="exported", train="train.jsonl", dev="dev.jsonl", output="tuned")
    trainer.predict("tuned", "new.jsonl")[0]["label"]      # a row for each example
    trainer.load_embedder("exported").embed(["Filmen er god."]).vectors    # float32 [texts, hidden], pooled

As on the command line, a user's mistake is a `UserError` with a message of one line.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beam_jobs.errors import UserError as UserError
    from trainer.api import finetune as finetune
    from trainer.api import load as load
    from trainer.api import load_embedder as load_embedder
    from trainer.api import predict as predict
    from trainer.embeddings.embedder import Embedder as Embedder
    from trainer.embeddings.embedder import Embeddings as Embeddings
    from trainer.export.loaded_model import Encoded as Encoded
    from trainer.export.loaded_model import Filling as Filling
    from trainer.export.loaded_model import LoadedModel as LoadedModel

_HOMES = {
    "Embedder": "trainer.embeddings.embedder",
    "Embeddings": "trainer.embeddings.embedder",
    "Encoded": "trainer.export.loaded_model",
    "Filling": "trainer.export.loaded_model",
    "LoadedModel": "trainer.export.loaded_model",
    "UserError": "beam_jobs.errors",
    "finetune": "trainer.api",
    "load": "trainer.api",
    "load_embedder": "trainer.api",
    "predict": "trainer.api",
}
"""The modules of the names that this package offers; the same names are imported above for type checkers."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
