"""Run by test_resume.py in a process of its own: the tiny plan into a folder, slowly enough to be killed in the middle."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

if __name__ == "__main__":
    output, text, pause = sys.argv[1], sys.argv[2], float(sys.argv[3])
    import tiny_run

    from trainer.training.loop_state import StopRequestedError

    def slowly(step, batch):
        time.sleep(pause)
        return batch

    plan = tiny_run.tiny_plan(text)
    try:
        tiny_run.run(plan, output, data=tiny_run.synthetic_data(plan, change=slowly))
    except StopRequestedError as stopped:
        sys.exit(128 + stopped.signal)
