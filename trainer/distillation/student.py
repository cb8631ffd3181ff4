"""The student: its teacher's network with fewer layers, and the weights that it begins with."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from beam_jobs.errors import UserError
from trainer.distillation.layers import chosen_layers
from trainer.distillation.teacher import Teacher
from trainer.export.weight_map import ImportedModel, weight_shapes
from trainer.model.config import HEADS, BertConfig
from trainer.plans.distillation import TEACHER, Distillation
from trainer.plans.plan import Plan
from trainer.plans.settings import Initialisation
from vocab.network_keys import DROPOUT_KEYS

_OWN = (*DROPOUT_KEYS, "initializer_range")  # settings of the training, in which a student may differ


@dataclass(frozen=True)
class Student:
    """A student before its first update."""

    config: BertConfig
    settings: Distillation  # with the layers that were chosen
    init: Initialisation  # of its plan; without a checkpoint, if it begins with random weights
    initial: ImportedModel | None  # its weights, if they are its teacher's


def student_of(teacher: Teacher, plan: Plan, settings: Distillation) -> Student:
    """The student of a teacher. Raises UserError for settings of the plan that do not fit the teacher."""
    layers = chosen_layers(settings, teacher.config.num_hidden_layers, teacher.name)
    config = student_config(teacher.config, len(layers), plan, teacher.name)
    if settings.start != TEACHER:
        return Student(config, dataclasses.replace(settings, layers=len(layers)), Initialisation(), None)
    copied = ("masked_lm",) if settings.predicts else ()
    return Student(
        config,
        dataclasses.replace(settings, layers=len(layers), from_layers=layers),
        Initialisation(teacher.name, tuple(head for head in HEADS if head not in copied)),
        copied_weights(teacher.start.imported, config, layers, copied),
    )


def assumed_networks(plan: Plan, config: BertConfig) -> tuple[BertConfig, BertConfig | None]:
    """The networks of student and teacher, if the teacher is a `config`; without distillation that network and None."""
    if plan.distillation is None:
        return config, None
    layers = chosen_layers(plan.distillation, config.num_hidden_layers, "the data's model class")
    return dataclasses.replace(config, num_hidden_layers=len(layers)), config


def student_config(teacher: BertConfig, layers: int, plan: Plan, name: str) -> BertConfig:
    """The network of a student with so many layers: its teacher's, but for dropout, which the plan may set.

    Raises UserError, naming the teacher, if the plan asks for another network.
    """
    if plan.model.model_class != "data":
        raise UserError(
            f"plan {plan.name}: model_class is {plan.model.model_class!r}, but a student is built like its teacher {name}; "
            "leave it out of the plan"
        )
    config = dataclasses.replace(teacher, num_hidden_layers=layers)
    for key, value in plan.model.config.items():
        if key not in _OWN and getattr(config, key, value) != value:
            raise UserError(
                f"plan {plan.name}: model.config.{key} is {value!r}, but a student is built like its teacher {name}, which has "
                f"{getattr(config, key)!r}; leave it out, and name the number of layers with --layers"
            )
    return dataclasses.replace(config, **{key: plan.model.config[key] for key in _OWN if key in plan.model.config})


def copied_weights(
    teacher: ImportedModel, config: BertConfig, layers: Sequence[int], heads: Sequence[str]
) -> ImportedModel:
    """Embeddings, these layers in order, and these heads of a teacher; the other heads of the student stay as drawn."""
    weights = {}
    for name, value in teacher.weights.items():
        first, _, rest = name.partition("/")
        if first == "embeddings" or first in heads:
            weights[name] = value
        elif first == "encoder":
            number, _, module = rest.removeprefix("layer_").partition("/")
            if int(number) in layers:
                weights[f"encoder/layer_{layers.index(int(number))}/{module}"] = value
    missing = tuple(name for name in weight_shapes(config) if name not in weights)
    source = f"{teacher.source}, layers {', '.join(map(str, layers))}"
    return ImportedModel(config, weights, teacher.layout, source, initialised=missing)
