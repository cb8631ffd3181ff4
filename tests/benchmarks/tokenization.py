"""How fast text becomes piece ids: ours beside TF Model Garden's tokenizer and Hugging Face's, on the same text.

    python tests/benchmarks/tokenization.py [--text FILE...] [--vocab vocab.txt] [--lower_case] [--repeat 3] [--subwords FILE...]

CPU seconds of one process, best of `--repeat`; the slow ones get the first `--slow_mb` of the text. Without --text the
text is that of Python's own help topics, without --vocab a vocabulary is learned from the text. A tokenizer whose
package is not installed is left out. `--subwords` names vocabularies of byte-level BPE or SentencePiece (tokenizer.json, vocab.json,
spiece.model), for which our jobs use the library; without it, a byte-level BPE and a unigram model of 8,000 pieces are learned.
"""

import argparse
import gzip
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from beam_jobs.tokenizer.subword_tokenizer import SubwordTokenizer
from beam_jobs.tokenizer.tokenize import ShardTokenizer
from vocab.special_pieces import ROBERTA_NAMES
from vocab.tokenizer_json import BYTE_SPACE
from vocab.vocabulary import load_vocabulary


def main() -> None:
    """Measure and print one line per tokenizer."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", nargs="+", default=[], metavar="FILE", help="text, a sentence a line; may be .gz")
    parser.add_argument("--vocab", default="", metavar="FILE", help="vocab.txt")
    parser.add_argument(
        "--subwords", nargs="+", default=[], metavar="FILE", help="tokenizer.json, vocab.json or spiece.model"
    )
    parser.add_argument("--lower_case", action="store_true", help="the vocabulary is of an uncased model")
    parser.add_argument("--repeat", type=int, default=3, metavar="N")
    parser.add_argument("--slow_mb", type=float, default=2.0, metavar="MB")
    arguments = parser.parse_args()

    text = read_text(arguments.text)
    start_of_text = text[: text.rfind(b"\n", 0, int(arguments.slow_mb * 1e6)) + 1] or text
    with tempfile.TemporaryDirectory() as folder:
        vocab = arguments.vocab or learn_vocabulary(text, arguments.lower_case, folder)
        began = time.process_time()
        vocabulary = load_vocabulary(vocab)
        loaded = time.process_time()
        tokenizer = ShardTokenizer(vocabulary, arguments.lower_case)
        print(
            f"{len(text) / 1e6:.1f} MB of text, {len(vocabulary)} pieces: read in {loaded - began:.2f} s, "
            f"tables built in {time.process_time() - loaded:.2f} s"
        )
        tokenize_ours(tokenizer, b"compile\n")
        report("ours, empty cache", text, 1, lambda: tokenize_ours(tokenizer, text))
        report("ours, warm cache", text, arguments.repeat, lambda: tokenize_ours(tokenizer, text))
        for path in arguments.subwords or learn_subwords(start_of_text, folder):
            subwords = SubwordTokenizer(load_vocabulary(path))
            kind = "byte-level BPE" if load_vocabulary(path).space == BYTE_SPACE else "SentencePiece"
            report(
                f"jobs, {kind}",
                start_of_text,
                arguments.repeat,
                lambda subwords=subwords: tokenize_ours(subwords, start_of_text),
            )
        for name, make in (("Hugging Face tokenizers", hugging_face), ("TF Model Garden", model_garden)):
            try:
                other = make(vocab, arguments.lower_case)
            except ImportError as error:
                print(f"{name:26} left out: {error}")
                continue
            report(name, start_of_text, arguments.repeat, lambda other=other: other(start_of_text))


def tokenize_ours(tokenizer: ShardTokenizer | SubwordTokenizer, text: bytes) -> int:
    """The number of pieces."""
    tokenizer.add(text)
    return tokenizer.finish().pieces


def hugging_face(vocab: str, lower_case: bool) -> Callable[[bytes], int]:
    """`tokenizers`, whole lines in batches: its fastest way."""
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(vocab, lowercase=lower_case, strip_accents=lower_case)

    def count(text: bytes) -> int:
        lines = text.decode("utf-8", "ignore").split("\n")
        return sum(
            len(encoding.ids)
            for i in range(0, len(lines), 1000)
            for encoding in tokenizer._tokenizer.encode_batch_fast(lines[i : i + 1000], add_special_tokens=False)
        )

    return count


def model_garden(vocab: str, lower_case: bool) -> Callable[[bytes], int]:
    """The plain-Python tokenizer that the exactness tests compare with."""
    from official.nlp.tools.tokenization import FullTokenizer

    tokenizer = FullTokenizer(vocab, do_lower_case=lower_case)

    def count(text: bytes) -> int:
        return sum(len(tokenizer.convert_tokens_to_ids(tokenizer.tokenize(line))) for line in text.split(b"\n"))

    return count


def report(name: str, text: bytes, repeat: int, count_pieces: Callable[[], int]) -> None:
    """Print the best of `repeat` runs."""
    best = float("inf")
    for _ in range(repeat):
        began = time.process_time()
        pieces = count_pieces()
        best = min(best, time.process_time() - began)
    megabytes = len(text) / 1e6
    print(
        f"{name:26} {megabytes / best:8.2f} MB/s {pieces / best / 1e6:8.3f} M pieces/s "
        f"{best / pieces * 1e9:8.1f} ns per piece   ({megabytes:.1f} MB)",
        flush=True,
    )


def read_text(names: list[str]) -> bytes:
    """The files one after the other, or Python's help topics."""
    if not names:
        from pydoc_data.topics import topics

        return "\n\n".join(topics[name] for name in sorted(topics)).encode()
    contents = (Path(name).read_bytes() for name in names)
    return b"".join(gzip.decompress(c) if n.endswith(".gz") else c for n, c in zip(names, contents, strict=True))


def learn_subwords(text: bytes, folder: str) -> list[str]:
    """A byte-level BPE and a unigram model of 8,000 pieces, as files in `folder`."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    names, lines, paths = list(ROBERTA_NAMES), text.decode("utf-8", "ignore").split("\n"), []
    for kind, model, trainer in (
        ("bpe", models.BPE(), trainers.BpeTrainer(vocab_size=8000, special_tokens=names, show_progress=False)),
        (
            "unigram",
            models.Unigram(),
            trainers.UnigramTrainer(vocab_size=8000, special_tokens=names, unk_token="<unk>", show_progress=False),
        ),
    ):
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(False) if kind == "bpe" else pre_tokenizers.Metaspace()
        if kind == "unigram":
            tokenizer.normalizer = normalizers.NFC()
        tokenizer.train_from_iterator(lines, trainer)
        paths.append(str(Path(folder) / f"{kind}.json"))
        tokenizer.save(paths[-1])
    return paths


def learn_vocabulary(text: bytes, lower_case: bool, folder: str) -> str:
    """A vocabulary of at most 8,000 pieces, as a file in `folder`."""
    from tokenizers import BertWordPieceTokenizer

    tokenizer = BertWordPieceTokenizer(lowercase=lower_case, strip_accents=lower_case)
    tokenizer.train_from_iterator(text.decode().split("\n"), vocab_size=8_000, show_progress=False)
    return tokenizer.save_model(folder)[0]


if __name__ == "__main__":
    main()
