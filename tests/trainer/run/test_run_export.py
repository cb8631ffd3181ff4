import dataclasses
import hashlib

import pytest

from beam_jobs.errors import UserError
from trainer.plans.reading import read_plan
from trainer.run import run_export
from trainer.run.tokenization_facts import TokenizationFacts


def test_the_figures_on_the_card():
    found = {"mlm_accuracy": 0.5, "mlm_loss": 2.0, "nsp_accuracy": 0.75, "nsp_loss": 0.5, "loss": 2.5, "step": 3}
    names = ("mlm_accuracy", "mlm_loss", "nsp_accuracy", "nsp_loss")
    assert run_export._results(found, names) == {
        "masked-LM accuracy": 0.5,
        "masked-LM loss": 2.0,
        "next-sentence accuracy": 0.75,
        "next-sentence loss": 0.5,
    }
    assert run_export._results(found, ("mlm_loss",)) == {"masked-LM loss": 2.0}
    assert run_export._results(None, names) is None


def test_the_plan_on_the_card_names_no_folder():
    plan = read_plan("notram_mbert")
    started = dataclasses.replace(plan, init=dataclasses.replace(plan.init, checkpoint="/home/me/mbert/"))
    assert run_export._without_folders(started).init.checkpoint == "mbert"
    assert run_export._without_folders(read_plan("pod")) == read_plan("pod")


def test_another_vocabulary_than_the_runs_is_refused(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_bytes(b"[PAD]\n")
    digest = hashlib.sha256(b"[PAD]\n").hexdigest()
    run_export._check_vocabulary("run", str(path), TokenizationFacts(vocab_sha256=digest))
    run_export._check_vocabulary("run", str(path), TokenizationFacts())
    with pytest.raises(UserError, match="is another vocabulary than the run was trained with"):
        run_export._check_vocabulary("run", str(path), TokenizationFacts(vocab_sha256="0" * 64))
    with pytest.raises(UserError, match=r"came without vocab\.txt; name the one that it was made with by --vocab_file"):
        run_export._check_vocabulary(str(tmp_path / "run"), "", TokenizationFacts())


@pytest.mark.parametrize(
    ("known", "asked", "longest", "wanted"),
    [(True, None, None, (True, 200)), (True, False, 400, (False, 400)), (None, True, 100, (True, 100))],
)
def test_how_text_becomes_pieces(monkeypatch, known, asked, longest, wanted):
    monkeypatch.setattr(run_export, "lower_case_of", lambda run: known)
    settings = run_export._tokenizer("run", asked, TokenizationFacts(max_input_chars_per_word=longest))
    assert (settings.lower_case, settings.max_input_chars_per_word) == wanted


def test_a_casing_that_nobody_knows_is_asked_for(monkeypatch):
    monkeypatch.setattr(run_export, "lower_case_of", lambda run: None)
    with pytest.raises(UserError, match="does not say whether its text was lower-cased"):
        run_export._tokenizer("run", None, None)
