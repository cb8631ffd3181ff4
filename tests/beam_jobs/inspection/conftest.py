"""A finished instance folder, made by the generator itself from text that ships with Python."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from pydoc_data.topics import topics

import pytest
from isal import igzip

from beam_jobs.execution.merge_counts import merge_counts
from beam_jobs.instances.counts import InstanceCounts
from beam_jobs.instances.generate import generate_instances
from beam_jobs.records import Manifest, Shard
from beam_jobs.records.counter_random import path_key
from beam_jobs.settings import InstanceSettings, output_settings
from beam_jobs.tokenizer.tokenize import ShardTokenizer
from vocab.vocabulary import Vocabulary, parse_vocabulary


def topic_sentences(count: int) -> list[str]:
    """A document a topic: its sentences one a line."""
    return ["\n".join(re.split(r"(?<=\.) ", " ".join(text.split()))) for _, text in sorted(topics.items())[:count]]


@pytest.fixture(scope="session")
def topic_vocabulary() -> Vocabulary:
    """The 300 most frequent words of the text, and every character."""
    text = " ".join(topic_sentences(40))
    words = [word for word, _ in Counter(re.findall(r"[A-Za-z]{2,}", text)).most_common(300)]
    characters = sorted(set(text) - set(" \n"))
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, *characters, *(f"##{c}" for c in characters)]
    return parse_vocabulary("\n".join(dict.fromkeys(pieces)).encode(), "vocab.txt")


@pytest.fixture(scope="session")
def make_corpus(tmp_path_factory, topic_vocabulary) -> Callable[..., Path]:
    """Make a folder as the instances job leaves it: two shards in train and one in dev, vocabulary, manifest, stats."""

    def make(**settings) -> Path:
        settings = InstanceSettings(max_seq_length=64, max_predictions_per_seq=10, dupe_factor=2, **settings)
        folder = tmp_path_factory.mktemp("corpus")
        data = "\n".join(topic_vocabulary.pieces).encode()
        (folder / "vocab.txt").write_bytes(data)
        shards, rows = [], []
        documents = topic_sentences(30)
        for index, (split, chosen) in enumerate(
            [("train", documents[:12]), ("train", documents[12:24]), ("dev", documents[24:])]
        ):
            tokenizer = ShardTokenizer(topic_vocabulary, lower_case=False)
            tokenizer.add("\n\n".join(chosen).encode())
            framed = bytearray()
            key = path_key(settings.random_seed, index)
            counts = generate_instances(tokenizer.finish(), topic_vocabulary, settings, key, framed.extend)
            name = f"{split}/instances-{index:05d}.tfrecord.gz"
            (folder / split).mkdir(exist_ok=True)
            (folder / name).write_bytes(igzip.compress(bytes(framed)))
            size = (folder / name).stat().st_size
            shards.append(Shard(name, split, counts.instances, counts.documents, size, ""))
            rows.append((split, counts))
        manifest = Manifest(
            "instances", "hash", output_settings(settings), tuple(shards), {"sha256": topic_vocabulary.sha256}
        )
        (folder / "manifest.json").write_text(manifest.to_json())
        (folder / "corpus_stats.json").write_text(json.dumps(_stats(rows)))
        return folder

    return make


def _stats(rows: list[tuple[str, InstanceCounts]]) -> dict:
    counts = {
        split: {
            "num_documents": sum(c.documents for s, c in rows if s == split),
            "num_instances": sum(c.instances for s, c in rows if s == split),
        }
        for split in ("train", "dev")
    }
    sources = {"a.txt": {"bytes_in": 700}, "b.txt": {"bytes_in": 300}}
    totals = merge_counts(c.to_json() for _, c in rows)
    return {"counts": counts, "totals": totals, "sources": sources, "run_name": "<trial>"}


@pytest.fixture(scope="session")
def corpus_folder(make_corpus) -> Path:
    """With classic instances; not to be changed."""
    return make_corpus()


@pytest.fixture(scope="session")
def dynamic_folder(make_corpus) -> Path:
    """With dynamic instances; not to be changed."""
    return make_corpus(masking="dynamic")
