"""Run by test_one_run.py in a process of its own: a fine-tuning run, slowly enough to be killed in the middle."""

import pickle
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3])]

if __name__ == "__main__":
    settings, pause = pickle.loads(Path(sys.argv[1]).read_bytes()), float(sys.argv[2])
    from trainer.examples.example_batches import ExampleBatches
    from trainer.finetuning.runs import finetune

    train = ExampleBatches.train

    def slowly(self, start):
        for batch in train(self, start):
            time.sleep(pause)
            yield batch

    ExampleBatches.train = slowly  # type: ignore[method-assign]
    finetune(settings)
