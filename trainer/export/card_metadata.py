"""The metadata block of a model card, which the Hugging Face hub reads.

Its fields are those of https://huggingface.co/docs/hub/model-cards. Every value is quoted, because YAML reads the language `no` as false.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from beam_jobs.errors import UserError

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_REPOSITORY = re.compile(r"([A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class CardMetadata:
    """What only the one who publishes a model can say of it; empty values are left out."""

    language: str = ""
    license: str = ""
    base_model: str = ""
    datasets: tuple[str, ...] = ()

    def validate(self) -> None:
        """Raise UserError if the hub would not take one of the values, with what it takes."""
        checks = (
            ("--language", self.language, _LANGUAGE, "give an ISO code, such as nb or nn"),
            (
                "--license",
                self.license,
                _LICENSE,
                "give an identifier of the hub, such as apache-2.0, cc0-1.0 or other",
            ),
            (
                "--base_model",
                self.base_model,
                _REPOSITORY,
                "give a name on the hub, such as google-bert/bert-base-cased",
            ),
            *(("--dataset", name, _REPOSITORY, "give a name on the hub, such as ORG/NAME") for name in self.datasets),
        )
        for flag, value, pattern, remedy in checks:
            if value and not pattern.fullmatch(value):
                raise UserError(
                    f"{flag} {value}: the hub of Hugging Face takes no such value in a model card; {remedy}"
                )


def metadata_block(
    name: str,
    told: CardMetadata,
    *,
    task: str,
    mask: str = "",
    results: Mapping[str, float] | None = None,
    on: str = "held-out instances of the training corpus",
) -> str:
    """The lines between `---` and `---`, in YAML.

    Args:
        name: the model's name.
        told: what was said of it.
        task: the hub's name of what the model does, such as fill-mask.
        mask: the piece that stands for a gap; only of a model that fills gaps.
        results: figures of an evaluation by name; the last word of a name is the metric.
        on: what they were measured on.
    """
    results = results or {}
    metrics = sorted({_metric(figure) for figure in results})
    entries = {
        "language": told.language,
        "license": told.license,
        "base_model": told.base_model,
        "datasets": list(told.datasets),
        "library_name": "transformers",
        "pipeline_tag": task,
        "mask_token": mask,
        "tags": ["bert", "beambert"],
        "metrics": metrics,
    }
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in entries.items() if value]
    if results:
        figures = [{"type": _metric(key), "name": key, "value": value} for key, value in results.items()]
        found = {"task": {"type": task}, "dataset": {"name": on, "type": "held-out"}, "metrics": figures}
        index = [{"name": name, "results": [found]}]
        lines.append(f"model-index: {json.dumps(index, ensure_ascii=False)}")
    return "\n".join(["---", *lines, "---"])


def _metric(figure: str) -> str:
    return figure.rpartition(" ")[2]
