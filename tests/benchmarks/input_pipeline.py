"""Records per CPU-second of the trainer's input pipeline, against tf.data with records parsed one by one and in batches.

    .venv/bin/python tests/benchmarks/input_pipeline.py [--data STATIC_INSTANCES] [--dynamic DYNAMIC_INSTANCES]

Without --data, makes shards of both kinds with `python -m beam_jobs instances` from the topics of Python's manual, at
--max_seq_length. Each pipeline reads its gzipped shards in random order into batches of int32 arrays; all its threads
count. The figures of one launch are comparable with each other, those of two launches on a busy machine are not.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from beam_jobs.records import CLASSIC_FEATURES
from trainer.data.batches import BatchSettings, open_batches
from trainer.data.split import has_records, read_manifest

ROOT = Path(__file__).parent.parent.parent
SHUFFLED = 10_000  # records in the buffer of tf.data: what BERT's own input functions use is less


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="", metavar="DIR", help="an output of the instances job, static and gzipped")
    parser.add_argument("--dynamic", default="", metavar="DIR", help="one made with --masking=dynamic")
    parser.add_argument("--max_seq_length", type=int, default=128, metavar="N", help="of the shards that are made")
    parser.add_argument("--batch", type=int, default=256, metavar="N")
    parser.add_argument("--records", type=int, default=200_000, metavar="N", help="records that a pipeline reads")
    parser.add_argument("--repeat", type=int, default=3, metavar="N", help="the best of so many runs counts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        given = arguments.data or arguments.dynamic
        static, dynamic = (arguments.data, arguments.dynamic) if given else make_shards(Path(work), arguments)
        measure(static, dynamic, arguments)


def make_shards(work: Path, arguments: argparse.Namespace) -> tuple[str, str]:
    """Static and dynamic shards of the manual's topics."""
    words = Counter(word for text in topics.values() for word in text.split() if word.isalpha())
    letters = sorted({letter for text in topics.values() for letter in text if not letter.isspace()})
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (work / "vocab.txt").write_text("\n".join(dict.fromkeys([*pieces, *words])) + "\n")
    (work / "text").mkdir()
    documents = ["\n".join(" ".join(s.split()) for s in text.split("\n\n") if s.strip()) for text in topics.values()]
    for part in range(8):
        (work / "text" / f"part-{part}.txt").write_text("\n\n".join(documents[part::8]) + "\n")
    common = ["--input", str(work / "text"), "--vocab_file", str(work / "vocab.txt"), "--num_logged_samples", "0"]
    common += ["--shard_mb", "0.2", "--max_seq_length", str(arguments.max_seq_length)]
    common += ["--max_predictions_per_seq", str(round(0.15 * arguments.max_seq_length))]
    for name, more in (("static", ["--dupe_factor", "20"]), ("dynamic", ["--masking", "dynamic"])):
        command = [sys.executable, "-m", "beam_jobs", "instances", *common, "--output", str(work / name), *more]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return str(work / "static"), str(work / "dynamic")


def measure(static: str, dynamic: str, arguments: argparse.Namespace) -> None:
    """Print records per CPU-second of every pipeline that there is data for."""
    pipelines: dict[str, Callable[[], Iterator[Any]]] = {}
    if static:
        files, settings = shards_of(static), settings_of(static, arguments.batch)
        pipelines["tf.data, records parsed one by one"] = lambda: tf_batches(files, settings, whole_batches=False)
        pipelines["tf.data, batches parsed whole"] = lambda: tf_batches(files, settings, whole_batches=True)
        pipelines["ours, static records"] = lambda: our_batches(static, settings)
    if dynamic:
        masked = settings_of(dynamic, arguments.batch)
        pipelines["ours, dynamic records masked on the fly"] = lambda: our_batches(dynamic, masked)
    speeds = {}
    for name, pipeline in pipelines.items():
        speeds[name] = max(records_per_second(pipeline, arguments) for _ in range(arguments.repeat))
    first = next(iter(speeds.values()))
    for name, speed in speeds.items():
        print(f"{name:42} {speed:10,.0f} records per CPU-second {speed / first:6.1f} x")


def records_per_second(pipeline: Callable[[], Iterator[Any]], arguments: argparse.Namespace) -> float:
    """Records per CPU-second of all threads, after a first batch that warms up."""
    batches = pipeline()
    next(batches)
    count = arguments.records // arguments.batch
    began = time.process_time()
    for _ in range(count):
        next(batches)
    seconds = time.process_time() - began
    del batches
    return count * arguments.batch / seconds


def our_batches(folder: str, settings: BatchSettings) -> Iterator[Any]:
    """What the training loop gets."""
    return open_batches(folder, split_of(folder), settings).batches(0)


def tf_batches(files: list[str], settings: BatchSettings, *, whole_batches: bool) -> Iterator[Any]:
    """The usual tf.data pipeline over classic records."""
    import tensorflow as tf

    sizes = dict.fromkeys(CLASSIC_FEATURES[:3], settings.sequence_length)
    sizes |= dict.fromkeys(CLASSIC_FEATURES[3:6], settings.max_predictions)
    features = {name: tf.io.FixedLenFeature([size], tf.int64) for name, size in sizes.items()}
    features["masked_lm_weights"] = tf.io.FixedLenFeature([settings.max_predictions], tf.float32)
    features["next_sentence_labels"] = tf.io.FixedLenFeature([1], tf.int64)

    def to_int32(parsed: dict[str, Any]) -> dict[str, Any]:
        return {name: tf.cast(v, tf.int32) if v.dtype == tf.int64 else v for name, v in parsed.items()}

    shards = tf.data.Dataset.from_tensor_slices(files).shuffle(len(files)).repeat()
    records = shards.interleave(lambda file: tf.data.TFRecordDataset(file, "GZIP"), cycle_length=min(8, len(files)))
    records = records.shuffle(SHUFFLED)
    if whole_batches:
        parsed = records.batch(settings.batch_size).map(lambda batch: to_int32(tf.io.parse_example(batch, features)))
    else:
        parsed = records.map(lambda record: to_int32(tf.io.parse_single_example(record, features)))
        parsed = parsed.batch(settings.batch_size)
    return parsed.prefetch(2).as_numpy_iterator()


def settings_of(folder: str, batch: int) -> BatchSettings:
    """Batches as the records of a folder are."""
    made_with = read_manifest(folder).settings
    return BatchSettings(made_with["max_seq_length"], made_with["max_predictions_per_seq"], batch, seed=0)


def split_of(folder: str) -> str:
    """The split to train on."""
    return "train" if has_records(folder, "train") else "default"


def shards_of(folder: str) -> list[str]:
    """The files of that split."""
    return [f"{folder}/{shard.name}" for shard in read_manifest(folder).shards if shard.split == split_of(folder)]


if __name__ == "__main__":
    main()
