"""The names of the files and folders in a corpus folder."""

MANIFEST_NAME = "manifest.json"
STATS_NAME = "corpus_stats.json"
CONFIG_NAME = "config.toml"  # the settings of the job, as its --config reads them
VOCABULARY_NAME = "vocab.txt"  # beside instances: the vocabulary that they were made with
TOKENIZER_NAME = "tokenizer.json"  # the same, of byte-level BPE or SentencePiece
VOCABULARY_NAMES = (VOCABULARY_NAME, TOKENIZER_NAME)
SAMPLES_NAME = "samples.jsonl"
SAMPLES_TEXT_NAME = "samples.txt"
REJECTED_FOLDER = "rejected"
FILTERED_FOLDER = "filtered"
WORK_FOLDER = "_work"  # plans, finished rows and temporary files of an unfinished run; removed when it ends

SPLITS = ("default", "train", "dev", "test")
"""Which split an input belongs to is for its name to say, see inputs/splits.py; everything else is `default`."""


def shard_name(kind: str, index: int, count: int, split: str, ending: str) -> str:
    """`train/sentences-00003-of-00012.txt`; shards of the default split lie in the folder itself."""
    folder = "" if split == "default" else f"{split}/"
    return f"{folder}{kind}-{index:05d}-of-{count:05d}{ending}"
