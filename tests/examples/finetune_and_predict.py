"""Fine-tunes the tiny model of train_and_use.py on labelled text, and predicts with it.

    .venv/bin/python tests/examples/finetune_and_predict.py example

The texts are paragraphs of the Python language reference; the label says whether a paragraph speaks of a statement or of an
expression. So small a model learns little of it; docs/finetuning.md has real data and models.
"""

import json
import sys
from pathlib import Path
from pydoc_data.topics import topics

import trainer


def main(folder: Path) -> None:
    train, dev = write_labelled_text(folder)

    scores = trainer.finetune(
        "classify",
        model=folder / "exported",
        train=train,
        dev=dev,
        output=folder / "tuned",
        learning_rate=1e-3,
        epochs=2,
    )
    print(
        f"macro F1 {scores['dev']['scores']['macro_f1']:.2f}, by counting labels {scores['baseline']['dev']['macro_f1']:.2f}"
    )
    for row in trainer.predict(folder / "tuned", dev)[:3]:
        print(row["label"], row["probabilities"])


def write_labelled_text(folder: Path) -> tuple[Path, Path]:
    """Paragraphs with their labels as JSON lines, five sixths of them for training."""
    rows = []
    for topic, text in sorted(topics.items()):
        for paragraph in text.split("\n\n"):
            words = paragraph.split()
            said = {word.strip(".,*()").lower() for word in words}
            if len(words) >= 8 and ("statement" in said) != ("expression" in said):
                label = "statement" if "statement" in said else "expression"
                rows.append({"id": f"{topic} {len(rows)}", "text": " ".join(words), "label": label})
    paths = (folder / "labelled_train.jsonl", folder / "labelled_dev.jsonl")
    parts = ([row for i, row in enumerate(rows) if i % 6], rows[::6])
    for path, part in zip(paths, parts, strict=True):
        path.write_text("".join(json.dumps(row) + "\n" for row in part), encoding="utf-8")
    return paths


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "example"))
