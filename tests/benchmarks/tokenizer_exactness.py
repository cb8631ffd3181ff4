"""Compare the piece ids of every line of some text with those of TF Model Garden's tokenizer, line by line.

    python tests/benchmarks/tokenizer_exactness.py --text FILE... --vocab vocab.txt [--lower_case]

Prints the lines compared and those that differ (the first ten in full); exit status 1 if any does. Needs
tf-models-official; files may be gzipped. Blank lines count too: the document boundaries are compared as well.
"""

import argparse
import gzip
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from official.nlp.tools.tokenization import FullTokenizer, convert_to_unicode

from beam_jobs.tokenizer.tokenize import ShardTokenizer, TokenizedShard
from vocab.vocabulary import load_vocabulary


def main() -> int:
    """Compare, print, and say whether all was equal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", nargs="+", required=True, metavar="FILE", help="text, a sentence a line")
    parser.add_argument("--vocab", required=True, metavar="FILE", help="vocab.txt")
    parser.add_argument("--lower_case", action="store_true", help="the vocabulary is of an uncased model")
    parser.add_argument("--max_input_chars_per_word", type=int, default=200, metavar="N")
    arguments = parser.parse_args()

    oracle = FullTokenizer(arguments.vocab, do_lower_case=arguments.lower_case)
    oracle.wordpiece_tokenizer.max_input_chars_per_word = arguments.max_input_chars_per_word
    ours = ShardTokenizer(load_vocabulary(arguments.vocab), arguments.lower_case, arguments.max_input_chars_per_word)
    compared = pieces = different = 0
    for name in arguments.text:
        data = Path(name).read_bytes()
        if name.endswith(".gz"):
            data = gzip.decompress(data)
        ours.add(data)
        shard = ours.finish()
        sentences = sentences_of(shard)
        ours_ended = False
        for number, line in enumerate(garden_lines(data), 1):
            compared += 1
            expected = oracle.convert_tokens_to_ids(oracle.tokenize(line)) if line else []
            if not line or not expected:
                continue
            got = next(sentences, None)
            ours_ended = got is None
            pieces += len(expected)
            if got is None or got.tolist() != expected:
                different += 1
                if different <= 10:
                    print(f"{name}:{number}: {line[:200]!r}\n  expected {expected[:50]}\n  got      {got}")
            if ours_ended:
                break
        if next(sentences, None) is not None or documents_of(data, oracle) != np.diff(shard.document_starts).tolist():
            different += 1
            print(f"{name}: the documents differ")
    print(f"{compared} lines compared, {pieces} pieces, {different} differences")
    return 1 if different else 0


def garden_lines(data: bytes) -> Iterator[str]:
    """The lines as official.nlp.data.create_pretraining_data reads them: TensorFlow's file reader drops every CR."""
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text"
        path.write_bytes(data)
        with tf.io.gfile.GFile(str(path), "rb") as reader:
            for line in reader:
                yield convert_to_unicode(line).strip()


def documents_of(data: bytes, oracle: FullTokenizer) -> list[int]:
    """Sentences of every document that has some."""
    documents = [0]
    for line in garden_lines(data):
        if not line:
            documents.append(0)
        elif oracle.basic_tokenizer.tokenize(line):
            documents[-1] += 1
    return [sentences for sentences in documents if sentences]


def sentences_of(shard: TokenizedShard) -> Iterator[np.ndarray]:
    """The ids of one sentence after the other."""
    starts = shard.sentence_starts
    for i in range(shard.sentences):
        yield shard.ids[starts[i] : starts[i + 1]]


if __name__ == "__main__":
    sys.exit(main())
