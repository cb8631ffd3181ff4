"""Distils the model of train_and_use.py, and exports the student as a DistilBERT.

    .venv/bin/python tests/examples/distil.py example

The teacher has one layer, and so has its student here; of a larger teacher the student has half of the layers.
"""

import sys
from pathlib import Path

import trainer
from trainer.__main__ import main as trainer_command
from trainer.distillation.distill import distill
from trainer.plans.reading import plan_from_toml
from trainer.training.train import Launch

PLAN = """
name = "student"
log_every = 10

[distillation]
temperature = 2.0

[[phase]]
name = "only"
sequence_length = 64
batch = 16
steps = 10
next_sentence_weight = 0.0
learning_rate = { peak = 1e-3 }
optimizer = { name = "adamw" }
"""


def main(folder: Path) -> None:
    plan, student = plan_from_toml(PLAN, "the example's plan"), folder / "student"
    log = distill(Launch(plan, (f"{folder}/instances",), str(student)), teacher=f"{folder}/run")
    found = log["results"]
    print(f"masked-LM loss {found['mlm_loss']:.2f}, of the teacher {found['teacher_mlm_loss']:.2f}")

    output = f"{folder}/distilbert"
    trainer_command(["export", "--run", str(student), "--output", output, "--format", "distilbert"])
    print(trainer.load(output).fill_mask("The [MASK] statement is used to define a class.", top=1)[0][0].piece)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "example"))
