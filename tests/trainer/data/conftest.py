"""Folders of instance shards, made by the instances job's own generator from the topics of Python's manual."""

import gzip
import itertools
from collections import Counter
from pydoc_data.topics import topics

import google_crc32c
import pytest

from beam_jobs.instances.generate import generate_instances
from beam_jobs.records import MANIFEST_NAME, Manifest, Shard
from beam_jobs.records.counter_random import path_key
from beam_jobs.settings import InstanceSettings, output_settings
from beam_jobs.tokenizer.tokenize import ShardTokenizer
from trainer.data.batches import BatchSettings
from vocab.vocabulary import parse_vocabulary

LENGTH, PREDICTIONS = 64, 10


@pytest.fixture(scope="session")
def vocabulary():
    """The characters and the most frequent words."""
    words = Counter(word for text in topics.values() for word in text.split() if word.isalpha())
    characters = sorted({c for text in topics.values() for c in text if not c.isspace()})
    pieces = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]"]
    pieces += characters + [f"##{c}" for c in characters if c.isalnum()]
    pieces += [word for word, _ in words.most_common(400) if len(word) > 1]
    return parse_vocabulary("\n".join(dict.fromkeys(pieces)).encode(), "vocab.txt")


@pytest.fixture(scope="session")
def text_blocks():
    """One sentence a line, a blank line between documents, in five parts of unequal size."""
    documents = []
    for name in sorted(topics)[:45]:
        sentences = [" ".join(s.split()) for s in topics[name].replace("\n\n", ". ").split(". ")]
        documents.append("\n".join(s for s in sentences if s) + "\n\n")
    cuts = (0, 6, 16, 17, 30, 45)
    return ["".join(documents[a:b]).encode() for a, b in itertools.pairwise(cuts)]


@pytest.fixture(scope="session")
def make_folder(tmp_path_factory, vocabulary, text_blocks):
    """Makes a folder: `make_folder(masking="dynamic", gzipped=False)`; the last part is the split dev. Tests share it
    unless they ask for a `new` one, to spoil it.
    """
    made = {}

    def make(manifest=True, new=False, **settings):
        key = tuple(sorted({"manifest": manifest, **settings}.items()))
        if key not in made or new:
            folder = tmp_path_factory.mktemp("instances")
            write_folder(folder, vocabulary, text_blocks, manifest, settings)
            if new:
                return folder
            made[key] = folder
        return made[key]

    return make


def write_folder(folder, vocabulary, text_blocks, manifest, changes):
    """Instance shards, the vocabulary and, if wanted, the manifest."""
    defaults = {"max_seq_length": LENGTH, "max_predictions_per_seq": PREDICTIONS, "dupe_factor": 2, "random_seed": 3}
    settings = InstanceSettings(**{**defaults, **changes})
    tokenizer = ShardTokenizer(vocabulary, lower_case=False)
    shards = []
    for index, block in enumerate(text_blocks):
        split = "dev" if index == len(text_blocks) - 1 else "train" if manifest else "default"
        tokenizer.add(block)
        frames = bytearray()
        key = path_key(settings.random_seed, index)
        counts = generate_instances(tokenizer.finish(), vocabulary, settings, key, frames.extend)
        data = gzip.compress(bytes(frames), 1, mtime=0) if settings.gzipped else bytes(frames)
        name = f"{'' if split == 'default' else split + '/'}part-{index}.tfrecord{'.gz' if settings.gzipped else ''}"
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        crc = google_crc32c.Checksum(data).hexdigest().decode()
        shards.append(Shard(name, split, counts.instances, counts.documents, len(data), crc))
    vocabulary_entry = {"file": "vocab.txt", "size": len(vocabulary), "sha256": vocabulary.sha256, "lower_case": False}
    (folder / "vocab.txt").write_text("\n".join(vocabulary.pieces))
    if manifest:
        content = Manifest("instances", "hash", output_settings(settings), tuple(shards), vocabulary_entry)
        (folder / MANIFEST_NAME).write_text(content.to_json())


@pytest.fixture(scope="session")
def ask():
    """BatchSettings that fit the folders."""

    def settings(**changes):
        return BatchSettings(
            **{"sequence_length": LENGTH, "max_predictions": PREDICTIONS, "batch_size": 16, "seed": 5, **changes}
        )

    return settings
