"""The functions for Python programs and notebooks. `import trainer` offers them by name."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    with _packages():
        from trainer.export.loaded_model import load_model
    return load_model(folder)


def load_embedder(model: str | Path, **settings: Any) -> "Embedder":
    """A model that gives vectors of texts, words or pieces. `settings` are those of `trainer embed`, by the same names.

        embedder = trainer.load_embedder("exported", layers="-4:-1", normalize=True)
        embedder.embed(["Filmen er god.", "Jeg sov."]).vectors             # float32 [2, hidden]

    Raises:
        UserError: there is no such model, it is damaged, or the settings cannot be meant for it.
    """
    with _packages():
        from trainer.embeddings.embedder import Embedder
        from trainer.embeddings.settings import EmbedSettings
    _require_known("load_embedder", settings, _names(EmbedSettings))
    return Embedder(str(model), EmbedSettings(**settings))


def finetune(
    task: str,
    *,
    model: str | Path,
    train: str | Path | Sequence[str],
    dev: str | Path,
    output: str | Path,
    **settings: Any,
) -> dict[str, Any] | None:
    """Fine-tune a model on labelled files, or go on with a run that was interrupted, as `trainer finetune` does.

        scores = trainer.finetune("classify", model="exported", train="train.jsonl", dev="dev.jsonl", output="tuned")
        scores["dev"]["scores"]["macro_f1"]

    Args:
        task: "classify", "pairs", "regress", "tag" or "answer".
        model: a run, or a checkpoint of any kind that the trainer reads.
        train: the labelled files, one or several.
        dev: the file by which the best epoch is chosen.
        output: the folder of the run.
        settings: others of `FinetuneSettings`, `TaskSettings` and `ColumnSettings`, by their names.

    Returns:
        The content of scores.json, or of summary.json if there are several rates or seeds; None if `max_steps` ended it.

    Raises:
        UserError: a mistake in the settings, the files or the model.
    """
    with _packages():
        from trainer.examples.files.column_settings import ColumnSettings
        from trainer.finetuning.runs import finetune as finetune_runs
        from trainer.finetuning.settings import FinetuneSettings, TaskSettings
    columns, of_task = (_names(kind) for kind in (ColumnSettings, TaskSettings))
    given = {"task", "columns", "model", "train", "dev", "output"}
    own = [name for name in _names(FinetuneSettings) if name not in given]
    of_task.remove("task")
    _require_known("finetune", settings, [*own, *of_task, *columns])
    several = [name for name in own if isinstance(FinetuneSettings.__dataclass_fields__[name].default, tuple)]
    values: dict[str, Any] = {
        name: _as_tuple(value) if name in several else value for name, value in _chosen(settings, own).items()
    }
    made = FinetuneSettings(
        task=TaskSettings(task, **_chosen(settings, of_task)),
        columns=ColumnSettings(**_chosen(settings, columns)),
        model=str(model),
        train=(str(train),) if isinstance(train, str | Path) else tuple(map(str, train)),
        dev=str(dev),
        output=str(output),
        **values,
    )
    made.validate()
    return finetune_runs(made)


def predict(model: str | Path, input: str | Path, **settings: Any) -> list[Mapping[str, Any]]:
    """What a fine-tuned model says of each example of a file, in its order: the rows that `trainer predict` writes.

        [row["label"] for row in trainer.predict("tuned", "new.jsonl")]

    `settings` are others of `PredictSettings` and `ColumnSettings`, by their names.

    Raises:
        UserError: the model has no head of a task, or there is a mistake in the file.
    """
    with _packages():
        from trainer.examples.files.column_settings import ColumnSettings
        from trainer.finetuning.predict import PredictSettings
        from trainer.finetuning.predict import predict as predict_file
    columns = _names(ColumnSettings)
    own = [name for name in _names(PredictSettings) if name != "columns"]
    _require_known("predict", settings, [*own, *columns])
    chosen = _chosen(settings, own)
    chosen.setdefault("pairs", bool(settings.get("pair_column")))
    found = predict_file(
        str(model), str(input), PredictSettings(columns=ColumnSettings(**_chosen(settings, columns)), **chosen)
    )
    return list(found.rows)


@contextmanager
def _packages() -> Iterator[None]:
    """For imports: the backend of Keras is chosen first, and a package that is missing is one line."""
    require_backend()
    try:
        yield
    except ModuleNotFoundError as error:
        raise UserError(
            f"{error.name} is not installed; pip install 'beambert[trainer]' has all that models need"
        ) from error


def _names(settings_class: type) -> list[str]:
    return [field.name for field in dataclasses.fields(settings_class)]


def _require_known(function: str, settings: Mapping[str, Any], known: Sequence[str]) -> None:
    for name in settings:
        if name not in known:
            raise UserError(f"{function} has no setting {name}; there are {', '.join(known)}")


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _chosen(settings: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name in names}
