"""Makes questions easier for small models: of each context only the sentence with the answer is kept.

    .venv/bin/python tests/benchmarks/answer_sentences.py norquad_train.json.gz > sentences_train.jsonl

Reads a SQuAD JSON file, also a gzipped one, and prints the first answer of each question as a line of `trainer finetune --task answer`.
Sentences are cut by a plain rule: behind a stop with white space, and at the ends of lines. An answer over several sentences keeps all of them.
"""

import argparse
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def main() -> None:
    """Print a line for each question."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", help="SQuAD JSON, plain or .gz")
    for row in rows(Path(parser.parse_args().file)):
        print(json.dumps(row))


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The questions with one sentence each."""
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    paragraphs = [paragraph for article in json.loads(data)["data"] for paragraph in article["paragraphs"]]
    for context, question in ((paragraph["context"], each) for paragraph in paragraphs for each in paragraph["qas"]):
        text, said = question["answers"][0]["text"], question["answers"][0]["answer_start"]
        at = context.find(text, max(0, said - 5))  # some offsets are wrong by a few characters
        cuts = [0, *(found.end() for found in re.finditer(r"[.!?]\s+|\n", context)), len(context)]
        start, end = max(cut for cut in cuts if cut <= at), min(cut for cut in cuts if cut >= at + len(text))
        answers = {"text": [text], "answer_start": [at - start]}
        yield {"question": question["question"], "context": context[start:end], "answers": answers}


if __name__ == "__main__":
    main()
