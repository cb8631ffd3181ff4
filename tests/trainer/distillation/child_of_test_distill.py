"""Run by test_distill.py in a process of its own: a distillation, slowly enough to be killed in the middle."""

import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3]), str(Path(__file__).parent)]

if __name__ == "__main__":
    data, output, teacher, pause = *sys.argv[1:4], float(sys.argv[4])
    import tiny_students

    from trainer.data.batches import BatchSource
    from trainer.distillation.distill import distill

    batches = BatchSource.batches

    def slowly(self, start, local_rows=None):
        for batch in batches(self, start, local_rows):
            time.sleep(pause)
            yield batch

    BatchSource.batches = slowly  # type: ignore[method-assign]
    distill(tiny_students.launch(data, output), teacher)
