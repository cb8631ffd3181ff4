"""`trainer distill` as a function: reads the teacher, makes the student, finds the data, and trains."""

import dataclasses
import logging
from collections.abc import Mapping
from typing import Any

from beam_jobs.errors import UserError
from trainer.devices.runtime import current_runtime, join_hosts
from trainer.distillation.instance_data import instance_data
from trainer.distillation.student import Student, student_of
from trainer.distillation.teacher import Teacher, read_teacher, teaching_network
from trainer.distillation.teaching_data import TeachingData
from trainer.distillation.text_data import is_text, text_data
from trainer.model.size import parameter_count, pretraining_heads
from trainer.plans.distillation import Distillation
from trainer.run.model_source import ModelSource
from trainer.run.run_folder import is_run_folder
from trainer.run.run_identity import DISTILLATION, TEACHER, read_identity
from trainer.tasks.distillation import distillation
from trainer.training.train import Launch, Training, train

logger = logging.getLogger("trainer")


def distill(launch: Launch, teacher: str, *, dev: str = "", text_column: str = "") -> dict[str, Any]:
    """Train a student of `teacher`, or continue; returns the content of `run_logs.json`.

    Args:
        launch: the plan, which has a table `[distillation]`, the data and the output. The data are folders of instances or,
            if hidden states alone are learned, files of texts.
        teacher: a run, or a checkpoint of another tool.
        dev: of texts, those that are held out.
        text_column: of texts in tables, their column.

    Raises UserError and StopRequestedError as `pretrain` does.
    """
    launch.validate()
    settings = launch.plan.distillation
    if settings is None:
        raise UserError(
            f"plan {launch.plan.name} has no table [distillation], so it learns from no teacher; take the plan distilbert, or "
            "add the table to yours"
        )
    join_hosts()
    read = read_teacher(teacher, settings)
    begun = dict(read_identity(launch.output)["run"]) if is_run_folder(launch.output) else {}
    _require_same_teacher(begun, launch.output, read)
    student = student_of(read, launch.plan, settings)
    _require_same_lesson(begun, launch.output, student.settings)
    data = _data(launch, read, settings, dev, text_column)
    plan = dataclasses.replace(data.plan, init=student.init, distillation=student.settings)
    runtime = current_runtime()
    network, frozen = teaching_network(read, student.settings, plan.model, runtime)
    task = distillation(student.settings, network)
    if runtime.is_primary:
        _tell(read, student)
    initial = student.initial
    training = Training(
        plan=plan,
        task_of=lambda phase: task,
        source=_source(read, student, data),
        contents=data.contents,
        open_data=data.open,
        read_initial=(lambda init: initial) if initial else None,
        described=data.described,
        facts=data.facts,
        kept=data.kept,
        frozen=frozen,
        learns_from={TEACHER: read.digest, DISTILLATION: dataclasses.asdict(student.settings)},
    )
    return train(dataclasses.replace(launch, plan=plan), training)


def _data(launch: Launch, teacher: Teacher, settings: Distillation, dev: str, text_column: str) -> TeachingData:
    texts = [uri for uri in launch.data if is_text(uri)]
    if not texts:
        if dev or text_column:
            raise UserError("--dev and --text_column belong to texts; of instances the dev split is held out")
        return instance_data(launch.plan, launch.data, teacher, masks=settings.predicts)
    if settings.predicts:
        raise UserError(
            f"{texts[0]}: predictions are learned at masked pieces, and texts have none; make instances of it with the "
            "teacher's vocabulary, or add --hidden_states_only"
        )
    if len(texts) < len(launch.data):
        raise UserError(f"--data has texts ({texts[0]}) and folders of instances; name files of one kind")
    return text_data(launch.plan, texts, dev, teacher, text_column)


def _source(teacher: Teacher, student: Student, data: TeachingData) -> ModelSource:
    pieces = teacher.pieces if teacher.pieces != student.config.vocab_size else 0
    lower_case = teacher.start.lower_case
    return ModelSource(f"student of {teacher.name}", student.config, data.vocab_sha256, lower_case, pieces)


def _require_same_teacher(begun: Mapping[str, Any], output: str, teacher: Teacher) -> None:
    """Raise UserError if the run in the output folder, whose identity is `begun`, learns from another teacher."""
    there = begun.get(TEACHER, teacher.digest)
    if there != teacher.digest:
        raise UserError(
            f"{output}: its student learns from another teacher ({there}) than {teacher.name} ({teacher.digest}); name that "
            "one with --teacher, or another --output"
        )


def _require_same_lesson(begun: Mapping[str, Any], output: str, settings: Distillation) -> None:
    """Raise UserError, naming the setting, if the run in the output folder is distilled in another way."""
    there = begun.get(DISTILLATION, {})
    for name, value in dataclasses.asdict(settings).items():
        here = list(value) if isinstance(value, tuple) else value
        if there.get(name, here) != here:
            raise UserError(
                f"{output}: distillation.{name} is {there[name]!r} there and {here!r} now; give the command that began it, or "
                "another --output"
            )


def _tell(teacher: Teacher, student: Student) -> None:
    def size(model: Any) -> str:
        count = parameter_count(model.config, pretraining_heads(model.config))
        return f"{model.config.num_hidden_layers} layers, {count / 1e6:.1f} M parameters"

    start = "random weights"
    if student.initial:
        start = f"its layers {', '.join(map(str, student.settings.from_layers))}"
    logger.info(f"teacher {teacher.name}: {size(teacher)}, {teacher.digest}")
    logger.info(f"student: {size(student)}, beginning with {start}")
