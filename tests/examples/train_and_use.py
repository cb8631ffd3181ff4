"""Trains a tiny BERT on the shards of text_to_shards.py, fills a gap with it and encodes two texts.

    .venv/bin/python tests/examples/train_and_use.py example

Twenty updates take seconds and teach the model next to nothing; more steps, layers and text make it better.
"""

import sys
from pathlib import Path

import trainer
from trainer.__main__ import main as trainer_command
from trainer.plans.reading import plan_from_toml
from trainer.training.pretrain import pretrain
from trainer.training.train import Launch

PLAN = """
name = "example"
description = "one layer, twenty updates"
log_every = 10

[model.config]
num_hidden_layers = 1
hidden_size = 32
num_attention_heads = 2
intermediate_size = 64
max_position_embeddings = 64

[[phase]]
name = "only"
sequence_length = 64
batch = 16
steps = 20
learning_rate = { peak = 1e-2, warmup_steps = 5 }
"""


def main(folder: Path) -> None:
    run = folder / "run"
    pretrain(Launch(plan=plan_from_toml(PLAN, "the example's plan"), data=(f"{folder}/instances",), output=str(run)))

    trainer_command(["export", "--run", str(run), "--output", f"{folder}/exported"])  # as on the command line

    model = trainer.load(folder / "exported")
    for filling in model.fill_mask("The [MASK] statement is used to define a class.")[0]:
        print(f"{filling.probability:6.1%}  {filling.piece}")

    encoded = model.encode(["A class is an object.", "Functions are objects, too."])
    print(encoded.last_hidden_state.shape, "float32 [texts, pieces of the longest, hidden size]")
    print(encoded.pieces[0])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "example"))
