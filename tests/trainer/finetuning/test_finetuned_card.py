import dataclasses

from huggingface_hub import ModelCard
from tiny_tasks import GOOD

from trainer.export.finetuned.task_form import SEQUENCE, SINGLE, TOKENS, TaskForm
from trainer.finetuning.finetuned_card import finetuned_card

SCORES = {
    "learning_rate": 3e-5,
    "seed": 2,
    "step": 1200,
    "kept": "best",
    "dev": {"examples": 1400, "scores": {"macro_f1": 0.75, "accuracy": 0.8}},
    "test": None,
}


def test_it_tells_the_task_the_labels_and_the_scores():
    card = finetuned_card("tuned", GOOD, TaskForm(SEQUENCE, ("negativ", "positiv"), SINGLE), SCORES)
    read = ModelCard(card).data  # as the hub reads it
    assert (read.library_name, read.pipeline_tag) == ("transformers", "text-classification")
    assert {result.metric_type: result.metric_value for result in read.eval_results} == {
        "macro_f1": 0.75,
        "accuracy": 0.8,
    }
    assert "Labels, in the order of the logits: negativ, positiv." in card
    assert "AdamW at 3e-05, seed 2" in card
    assert "step 1,200, the best" in card
    assert "## Scores on dev (1,400 examples)" in card
    assert "| macro_f1 | 0.7500 |" in card
    assert "Scores on test" not in card


def test_the_card_names_the_model_and_not_its_folder():
    card = finetuned_card("x", dataclasses.replace(GOOD, model="/home/me/nb-bert/"), TaskForm(TOKENS, ("O",)), SCORES)
    assert "from `nb-bert` for" in card
    assert "/home" not in card


def test_a_tagger_is_shown_as_one():
    tagger = dataclasses.replace(GOOD, task=dataclasses.replace(GOOD.task, task="tag"))
    assert "pipeline('token-classification'" in finetuned_card("x", tagger, TaskForm(TOKENS, ("O",)), SCORES)
