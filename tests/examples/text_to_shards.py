"""From raw text to instance shards in Python: a vocabulary, sentences, instances.

    .venv/bin/python tests/examples/text_to_shards.py example

The text is a part of the Python language reference, so nothing is downloaded. The shards lie in example/instances then.
"""

import json
import sys
from pathlib import Path
from pydoc_data.topics import topics

import beam_jobs


def main(folder: Path) -> None:
    raw = write_raw_text(folder / "raw")

    vocabulary = beam_jobs.VocabularySettings(
        input=(str(raw),), output=f"{folder}/vocab", vocab_size=1000, name="example"
    )
    beam_jobs.run(vocabulary)

    segment = beam_jobs.SegmentSettings(
        input=(str(raw),), output=f"{folder}/sentences", language="en", dev_fraction=0.1
    )
    instances = beam_jobs.InstanceSettings(
        input=(segment.output,),
        output=f"{folder}/instances",
        model_class=f"{vocabulary.output}/example.json",
        max_seq_length=64,
        dupe_factor=2,
        num_logged_samples=1,
    )
    result = beam_jobs.run_corpus(segment, instances)
    print(*result.shards, sep="\n")


def write_raw_text(folder: Path) -> Path:
    """Twenty topics of the language reference as JSON lines, a document each."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "reference.jsonl"
    with path.open("w") as file:
        for name, text in sorted(topics.items())[:20]:
            paragraphs = [" ".join(block.split()) for block in text.split("\n\n")]
            print(json.dumps({"id": name, "text": "\n".join(paragraphs)}), file=file)
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "example"))
