"""Writes `golden/`: what transformers computes for some texts with the models of `tests/trainer/export/golden`.

Run where torch and transformers are installed (`./run.sh test-transformers` makes such a place, `.venv-transformers`):

    .venv-transformers/bin/python tests/trainer/embeddings/make_golden_vectors.py

`test_golden.py` reads the files where neither is installed.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from tiny_models import GOLDEN_MODELS, TEXTS, golden_folder

GOLDEN = Path(__file__).parent / "golden"


def theirs(folder: Path) -> dict[str, np.ndarray]:
    """For each text all hidden states, float32 [layers + 1, pieces, hidden], their mean over the pieces of the last layer,
    and the pooler's output."""
    import torch
    import transformers

    model: Any = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.BertTokenizerFast.from_pretrained(folder)
    found = {}
    for number, text in enumerate(TEXTS):
        encoded = tokenizer(text, return_tensors="pt", truncation=True, max_length=16)
        assert tokenizer.unk_token_id not in encoded["input_ids"], text  # every word is made of pieces
        with torch.no_grad():
            outputs = model(**encoded, output_hidden_states=True)
        found[f"states_{number}"] = torch.cat(outputs.hidden_states).numpy()
        found[f"mean_{number}"] = outputs.last_hidden_state.mean(dim=1)[0].numpy()
        found[f"pooler_{number}"] = outputs.pooler_output[0].numpy()
    return found


def main() -> None:
    """Make the files anew."""
    for name in GOLDEN_MODELS:
        with tempfile.TemporaryDirectory() as folder:
            np.savez_compressed(GOLDEN / f"{name}.npz", **theirs(golden_folder(name, Path(folder))))


if __name__ == "__main__":
    main()
