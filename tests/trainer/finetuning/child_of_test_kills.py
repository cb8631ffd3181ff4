"""Run by test_kills.py in a process of its own: launches a fine-tuning run again and again, and kills it each time.

Each launch is a fork of this process, which has imported everything but begun nothing, and kills itself by SIGKILL, which no
program can answer, at a place that is told. So twenty launches cost little more than twenty times what they compute.
"""

import os
import pickle
import signal
import sys
import traceback
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3])]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def launch(settings: object, place: str, count: int) -> None:
    """Fine-tune, and die at the `count`-th time that `place` is reached; to the end where `place` is empty."""
    from trainer.examples.example_batches import ExampleBatches
    from trainer.finetuning import one_run
    from trainer.finetuning.runs import finetune
    from trainer.run.checkpoint import Checkpoints

    reached = 0

    def reach(here: str) -> None:
        nonlocal reached
        reached += here == place
        if reached == count and place:
            die()

    train, save = ExampleBatches.train, Checkpoints.save
    write_json_lines, save_finetuned, write_json = one_run.write_json_lines, one_run.save_finetuned, one_run.write_json

    def batches(self, start):
        for batch in train(self, start):
            reach("batch")
            yield batch

    def saving(self, *arguments, **named):
        result = save(self, *arguments, **named)
        reach("checkpoint")
        return result

    def predictions(*arguments, **named):
        write_json_lines(*arguments, **named)
        reach("predictions")

    def export(*arguments, **named):
        result = save_finetuned(*arguments, **named)
        reach("export")
        return result

    def scores(*arguments, **named):
        reach("scores")
        write_json(*arguments, **named)

    ExampleBatches.train, Checkpoints.save = batches, saving
    one_run.write_json_lines, one_run.save_finetuned, one_run.write_json = predictions, export, scores
    finetune(settings)


if __name__ == "__main__":
    settings, kills = pickle.loads(Path(sys.argv[1]).read_bytes())
    import trainer.finetuning.runs  # noqa: F401

    killed = 0
    for place, count in [*kills, ("", 0)]:
        child = os.fork()
        if not child:
            try:
                launch(settings, place, count)
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and place:
            killed += 1
        elif status or place:
            sys.exit(f"the launch to be killed at {place} {count} ended with status {status}")
    print(killed)
