"""Plans and launches of tiny students, for tests and for the process that one of them kills."""

import json

from trainer.model.config import BertConfig
from trainer.plans.reading import plan_from_toml
from trainer.training.train import Launch

PLAN = """
name = "tiny"
log_every = 1
model = {{ compute_dtype = "float32" }}
checkpoint = {{ every = 2, keep_last = 9 }}
[distillation]
{distillation}
[optimizer]
name = "adamw"
weight_decay = 0.0
[[phase]]
name = "phase"
sequence_length = 64
batch = 8
steps = {steps}
next_sentence_weight = {next_sentence}
learning_rate = {{ peak = 3e-3 }}
evaluation = {{ batches = 2 }}
"""


def plan(distillation="", steps=6, next_sentence=0.0):
    return plan_from_toml(PLAN.format(distillation=distillation, steps=steps, next_sentence=next_sentence), "tiny.toml")


HIDDEN_STATES_ONLY = "soft_weight = 0.0\nmlm_weight = 0.0"


def launch(data, output, distillation="", **options):
    steps = options.pop("steps", 6)
    data = data if isinstance(data, tuple) else (str(data),)
    return Launch(plan(distillation, steps), data, str(output), tensorboard=False, **options)


def network(pieces):
    return BertConfig(
        vocab_size=pieces,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.2,
    )


def save_teacher(config, vocabulary, folder, seed=3):
    from trainer.export.hugging_face import save_hugging_face
    from trainer.model.bert import build_pretrainer

    file = folder / "vocabulary.txt"
    file.write_text("".join(f"{piece}\n" for piece in vocabulary.pieces), encoding="utf-8")
    save_hugging_face(build_pretrainer(config, seed=seed), config, file, False, folder / "model", "card")
    return str(folder / "model")


def records(output):
    """metrics.jsonl without what depends on the clock."""
    kept = ("kind", "step", "instances", "tokens", "gradient_norm")
    lines = map(json.loads, (output / "metrics.jsonl").read_text().splitlines())
    return [
        {name: value for name, value in line.items() if name in kept or "loss" in name or "accuracy" in name}
        for line in lines
    ]
