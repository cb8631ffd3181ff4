import pytest
import yaml
from huggingface_hub import ModelCard

from beam_jobs.errors import UserError
from trainer.export.card_metadata import CardMetadata, metadata_block


def test_the_hub_reads_what_was_told() -> None:
    told = CardMetadata("no", "apache-2.0", "org/base", ("org/a", "b"))
    block = metadata_block("org/x", told, task="fill-mask", mask="[MASK]", results={"masked-LM loss": 2.5})
    read = ModelCard(f"{block}\ntext").data
    assert (read.language, read.license, read.base_model, read.datasets) == (
        "no",
        "apache-2.0",
        "org/base",
        ["org/a", "b"],
    )
    assert (read.pipeline_tag, read.mask_token, read.metrics) == ("fill-mask", "[MASK]", ["loss"])
    assert [(one.task_type, one.metric_name, one.metric_value) for one in read.eval_results] == [
        ("fill-mask", "masked-LM loss", 2.5)
    ]


def test_what_was_not_told_is_left_out() -> None:
    lines = metadata_block("x", CardMetadata(), task="feature-extraction").splitlines()
    assert set(yaml.safe_load("\n".join(lines[1:-1]))) == {"library_name", "pipeline_tag", "tags"}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (CardMetadata(language="Norwegian"), "--language Norwegian: .* an ISO code"),
        (CardMetadata(license="CC BY 4.0"), "--license CC BY 4.0: .* such as apache-2.0"),
        (CardMetadata(base_model="/models/mbert"), "--base_model /models/mbert: .* a name on the hub"),
        (CardMetadata(datasets=("a/b", "a/b/c")), "--dataset a/b/c: .* ORG/NAME"),
    ],
)
def test_what_the_hub_would_not_take_is_one_line(told: CardMetadata, message: str) -> None:
    with pytest.raises(UserError, match=message):
        told.validate()
