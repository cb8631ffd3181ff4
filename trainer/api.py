"""The functions for Python programs and notebooks. `import trainer` offers them by name."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from beam_jobs.errors import UserError
from trainer.backend import require_backend

if TYPE_CHECKING:
    from trainer.embeddings.embedder import Embedder
    from trainer.export.loaded_model import LoadedModel


def load(folder: str | Path) -> "LoadedModel":
    """The model in a Hugging Face folder, as `trainer export` writes it, or in a training run's output that holds one.

        model = trainer.load("exported")
        model.encode(["Filmen er god.", "Jeg sov."]).last_hidden_state    # float32 [2, longest, hidden]
        model.fill_mask("Filmen er [MASK].")[0]                            # proposals for the first gap

    Raises:
        UserError: there is no such model, or it is damaged or has no `tokenizer.json`; or Keras is not installed, or
            runs on a backend that the trainer does not know.
    """
    require_backend()
    try:
        from trainer.export.loaded_model import load_model
    except ModuleNotFoundError as error:
        raise UserError(
            f"{error.name} is not installed; pip install 'beambert[trainer]' has all that models need"
        ) from error
    return load_model(folder)


def load_embedder(model: str | Path, **settings: Any) -> "Embedder":
    """A model that gives vectors of texts, words or pieces. `settings` are those of `trainer embed`, by the same names.

        embedder = trainer.load_embedder("exported", layers="-4:-1", normalize=True)
        embedder.embed(["Filmen er god.", "Jeg sov."]).vectors             # float32 [2, hidden]

    Raises:
        UserError: there is no such model, it is damaged, or the settings cannot be meant for it.
    """
    require_backend()
    try:
        from trainer.embeddings.embedder import Embedder
        from trainer.embeddings.settings import EmbedSettings
    except ModuleNotFoundError as error:
        raise UserError(
            f"{error.name} is not installed; pip install 'beambert[trainer]' has all that models need"
        ) from error
    known = [field.name for field in dataclasses.fields(EmbedSettings)]
    for name in settings:
        if name not in known:
            raise UserError(f"load_embedder has no setting {name}; there are {', '.join(known)}")
    return Embedder(str(model), EmbedSettings(**settings))
