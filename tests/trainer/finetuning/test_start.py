import json
import shutil
from pathlib import Path

import pytest
from tiny_tasks import PIECES

from beam_jobs.errors import UserError
from trainer.export.hugging_face import load_hugging_face
from trainer.export.tokenizer_files import TokenizerSettings
from trainer.finetuning import start as start_module
from trainer.finetuning.start import read_start


@pytest.fixture
def folder(base, tmp_path):
    return Path(shutil.copytree(base, tmp_path / "model"))


def test_a_hugging_face_folder_keeps_its_tokenizer(base):
    start = read_start(base)
    assert (start.form, start.lower_case) == (None, False)
    assert start.tokenizer["tokenizer.json"] == (Path(base) / "tokenizer.json").read_bytes()
    assert set(start.tokenizer) == {"tokenizer.json", "tokenizer_config.json", "vocab.txt"}
    assert "masked_lm/bias" in start.imported.weights


def test_a_tokenizer_json_that_cuts_and_pads_is_freed_of_it(folder):
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    cut = {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0}
    path.write_text(json.dumps({**content, "truncation": cut}), encoding="utf-8")
    found = json.loads(read_start(str(folder)).tokenizer["tokenizer.json"])
    assert found == {**content, "truncation": None, "padding": None}


def test_a_vocabulary_alone_is_enough_if_the_casing_is_known(folder):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(UserError, match="does not say whether the model lower-cases"):
        read_start(str(folder))
    start = read_start(str(folder), lower_case=True)
    assert start.lower_case is True
    assert json.loads(start.tokenizer["tokenizer.json"])["normalizer"]["lowercase"] is True
    (folder / "vocab.txt").unlink()
    with pytest.raises(UserError, match=r"has neither tokenizer\.json nor vocab\.txt"):
        read_start(str(folder), lower_case=True)


def test_a_pretraining_run_gives_its_weights_its_vocabulary_and_its_untrained_heads(base, monkeypatch, tmp_path):
    asked = []

    def run_to_export(run, step, **options):
        asked.append((run, step, options))
        facts = {"vocabulary": tmp_path / "vocab.txt", "tokenizer": TokenizerSettings(True), "untrained": ("pooler",)}
        return load_hugging_face(base), facts

    (tmp_path / "vocab.txt").write_text("".join(f"{piece}\n" for piece in PIECES), encoding="utf-8")
    (tmp_path / "plan.json").write_text("{}")
    monkeypatch.setattr(start_module, "run_to_export", run_to_export)
    start = read_start(str(tmp_path))
    assert asked == [(str(tmp_path), None, {"vocab_file": "", "lower_case": None, "with_tokenizer": True})]
    assert (start.imported.untrained, start.lower_case) == (("pooler",), True)
    assert "tokenizer.json" in start.tokenizer


def test_what_is_no_model_is_refused(tmp_path):
    with pytest.raises(UserError, match="no such checkpoint"):
        read_start(str(tmp_path / "none" / "model"))
