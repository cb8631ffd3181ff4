"""One fine-tuning run: trains, chooses the weights, predicts, scores, and exports."""

import contextlib
import dataclasses
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from beam_jobs import storage
from beam_jobs.storage.paths import is_remote
from trainer.devices.runtime import Runtime, current_runtime
from trainer.examples.example_batches import ExampleBatches
from trainer.export.export_folder import MARKER_NAME
from trainer.export.finetuned.save_finetuned import save_finetuned
from trainer.export.loaded_model import EXPORT_NAME
from trainer.export.upload_files import uploaded_folder
from trainer.export.weight_map import assign_weights
from trainer.finetuning.evaluation import dev_evaluator, logits_of_rows, make_forward, state_of
from trainer.finetuning.finetuned_card import finetuned_card
from trainer.finetuning.finetuning_plan import finetuning_plan
from trainer.finetuning.labelled_set import LabelledSet
from trainer.finetuning.prepare import Prepared
from trainer.finetuning.run_files import (
    LABELS_NAME,
    PREDICTIONS_FOLDER,
    SCORES_NAME,
    TaskRecord,
    read_json_file,
    write_json,
    write_json_lines,
)
from trainer.finetuning.settings import ANSWER
from trainer.model.attention.kernel import choose_kernel
from trainer.model.encoder_with_heads import EncoderWithHeads
from trainer.plans.plan import Plan
from trainer.run.model_source import ModelSource
from trainer.run.run_folder import read_run
from trainer.run.tokenization_facts import TokenizationFacts
from trainer.scores.prediction_rows import squad_null_odds, squad_predictions
from trainer.scores.scores_of import scores_of
from trainer.training.loop_state import PhaseData
from trainer.training.train import Launch, Training, train

logger = logging.getLogger("trainer")


def finetune_one(prepared: Prepared, rate: float, seed: int, output: str) -> dict[str, Any] | None:
    """Train, or continue, one run; returns the content of its scores.json, or None if it was stopped at --max_steps.

    Raises UserError and StopRequestedError as `pretrain` does.
    """
    settings, data = prepared.settings, prepared.data
    batches = ExampleBatches(prepared.train.encoded.fields, prepared.buckets, settings.batch, seed)
    plan = finetuning_plan(
        settings,
        rate,
        seed,
        sequence_length=data.settings.max_seq_length,
        steps_per_epoch=batches.steps_per_epoch,
        metric=prepared.metric,
    )
    logger.info(f"rows of {', '.join(map(str, prepared.buckets))} pieces; {batches.steps_per_epoch:,} steps an epoch")
    evaluator = dev_evaluator(data, prepared.dev, _once(prepared, prepared.dev))
    training = Training(
        plan=plan,
        task_of=lambda phase: prepared.task,
        source=_source(prepared),
        contents=[_content(prepared)],
        open_data=lambda plan, rows, runtime: [PhaseData(train=batches.train, evaluator=evaluator)],
        read_initial=lambda init: prepared.initial,
        described={"train": prepared.train.files, "dev": prepared.dev.files, "examples": len(prepared.train.examples)},
        facts=_facts(prepared),
        kept={**prepared.start.tokenizer, LABELS_NAME: _record(prepared).to_bytes()},
    )
    log = train(
        Launch(plan, settings.train, output, settings.max_steps, settings.accumulation, tensorboard=True), training
    )
    if log.get("status") != "finished":
        return None
    step = int(log["best"]["step"] if settings.keep == "best" else log["step"])
    about = {"run": log["plan_hash"], "step": step, "test": prepared.test.digest if prepared.test else ""}
    former = read_json_file(storage.join(output, SCORES_NAME))
    if former and former.get("of") == about:
        return former
    return _finish(prepared, plan, output, about, {"seed": seed, "learning_rate": rate})


def _finish(
    prepared: Prepared, plan: Plan, output: str, about: Mapping[str, Any], run: Mapping[str, Any]
) -> dict[str, Any]:
    """Predict dev and test with the chosen weights, write predictions and the export, and the scores last."""
    runtime, step = current_runtime(), about["step"]
    model = _model_at(prepared, plan, output, step, runtime)
    scores: dict[str, Any] = {
        name: _predict(prepared, model, runtime, name, chosen, output) for name, chosen in _sets(prepared)
    }
    content = {
        "task": prepared.data.settings.task,
        "metric": prepared.metric,
        "value": scores["dev"]["scores"].get(prepared.metric),  # a loss is no score
        "step": step,
        "kept": prepared.settings.keep,
        **run,
        "failed": failed(scores["dev"], prepared.baseline),
        **scores,
        "baseline": {"dev": prepared.baseline["scores"]},
        "of": dict(about),
    }
    card = finetuned_card(_name_of(output), prepared.settings, prepared.data.form, content)
    files = {**prepared.start.tokenizer, LABELS_NAME: _record(prepared).to_bytes()}
    with _export_folder(storage.join(output, EXPORT_NAME)) as folder:
        difference = save_finetuned(
            model,
            prepared.data.form,
            folder,
            head_dropout=prepared.settings.head_dropout,
            pad_id=prepared.data.pad_id,
            card=card,
            files=files,
        )
    logger.info(f"{output}/{EXPORT_NAME}: the weights of step {step:,}, read back; largest difference {difference:.2g}")
    write_json(storage.join(output, SCORES_NAME), content)
    return content


def failed(dev: Mapping[str, Any], baseline: Mapping[str, Any]) -> bool:
    """Whether a run has learned nothing: its dev score is not above that of who has only counted the training labels.

    Scores are what `scores_of` returns. Such runs occur at random when a large model is fine-tuned on little data (Mosbach
    et al. 2021).
    """
    name = dev["metric"]  # not the accuracy: with weighted classes a good model can be below the most frequent label's
    return bool(dev["scores"][name] <= baseline["scores"][name])


def _sets(prepared: Prepared) -> list[tuple[str, LabelledSet]]:
    return [("dev", prepared.dev), *([("test", prepared.test)] if prepared.test else [])]


def _predict(
    prepared: Prepared, model: EncoderWithHeads, runtime: Runtime, name: str, chosen: LabelledSet, output: str
) -> dict[str, Any] | None:
    """Write the predictions of a set; its scores, or None if its labels are not known."""
    forward = make_forward(model, prepared.task, runtime, labelled=False)
    logits, _ = logits_of_rows(forward, state_of(model), _once(prepared, chosen), chosen.encoded.fields.lengths)
    predicted = prepared.data.predict(chosen.examples, chosen.encoded, logits)
    folder = storage.join(output, PREDICTIONS_FOLDER)
    write_json_lines(storage.join(folder, f"{name}.jsonl"), predicted.rows)
    if prepared.data.settings.task == ANSWER:
        write_json(storage.join(folder, f"{name}_predictions.json"), squad_predictions(predicted.rows))
        write_json(storage.join(folder, f"{name}_null_odds.json"), squad_null_odds(predicted.rows))
    return scores_of(predicted.predictions) if predicted.predictions.gold is not None else None


def _model_at(prepared: Prepared, plan: Plan, output: str, step: int, runtime: Runtime) -> EncoderWithHeads:
    imported = read_run(output, step)
    attention = choose_kernel(
        plan.model.attention, runtime.platform, imported.config, runtime.mesh, runtime.device_kind
    )
    model = prepared.task.build(
        imported.config, compute_dtype=plan.model.compute_dtype, rematerialise=False, seed=None, attention=attention
    )
    assign_weights(model, imported)
    return model


@contextlib.contextmanager
def _export_folder(folder: str) -> Iterator[str | Path]:
    if not is_remote(folder):
        yield folder
        return
    with uploaded_folder(folder, MARKER_NAME) as local:
        yield local


def _name_of(output: str) -> str:
    return output.rstrip("/").rsplit("/", 1)[-1] or "model"


def _source(prepared: Prepared) -> ModelSource:
    config = prepared.start.imported.config
    pieces = prepared.pieces if prepared.pieces != config.vocab_size else 0
    return ModelSource(prepared.settings.model, config, "", prepared.start.lower_case, pieces)


def _once(prepared: Prepared, chosen: LabelledSet) -> ExampleBatches:
    return ExampleBatches(chosen.encoded.fields, prepared.buckets, prepared.settings.batch)


def _record(prepared: Prepared) -> TaskRecord:
    return TaskRecord(prepared.data.settings, prepared.data.labels.names)


def _facts(prepared: Prepared) -> TokenizationFacts:
    kept = {**prepared.start.tokenizer, LABELS_NAME: _record(prepared).to_bytes()}
    files = {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
    return TokenizationFacts(lower_case=prepared.start.lower_case, files=files)


def _content(prepared: Prepared) -> dict[str, Any]:
    """What decides the batches and the loss, besides the plan: a run with another is refused, and the difference named."""
    task = dataclasses.asdict(prepared.data.settings)
    return json.loads(
        json.dumps(
            {
                **{name: task[name] for name in ("task", "several_labels", "max_seq_length", "window_overlap")},
                "max_question_length": task["max_question_length"],
                "labels": list(prepared.data.labels.names),
                "head_dropout": prepared.settings.head_dropout,
                "class_weight": prepared.settings.class_weight,
                "examples": prepared.train.digest,
            }
        )
    )
