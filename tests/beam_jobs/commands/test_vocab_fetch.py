import argparse
import hashlib
import json

from beam_jobs.commands import vocab_fetch as command
from vocab.model_class import BERT_BASE_CONFIG


def test_the_path_of_the_vocabulary_is_printed(tmp_path, capsys):
    data = b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nen\n"
    (tmp_path / "mine.txt").write_bytes(data)
    content = {
        "name": "mine",
        "lower_case": False,
        "vocab_size": 6,
        "vocab_uri": "mine.txt",
        "vocab_sha256": hashlib.sha256(data).hexdigest(),
        "config": {**BERT_BASE_CONFIG, "vocab_size": 6},
    }
    (tmp_path / "mine.json").write_text(json.dumps(content))
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = parser.parse_args(["--model_class", str(tmp_path / "mine.json"), "--vocab_dir", str(tmp_path / "kept")])
    assert command.run(options) == 0
    path = capsys.readouterr().out.strip()
    with open(path, "rb") as file:  # noqa: PTH123
        assert file.read() == data
