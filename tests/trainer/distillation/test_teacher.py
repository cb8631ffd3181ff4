import dataclasses

import numpy as np
import pytest
from tiny_students import network, save_teacher

from beam_jobs.errors import UserError
from trainer.data.corpus_folder import find_folders
from trainer.devices.runtime import current_runtime
from trainer.distillation.teacher import read_teacher, require_its_pieces, teaching_network
from trainer.plans.distillation import Distillation
from trainer.plans.settings import ModelSettings
from vocab.vocabulary import parse_vocabulary

STATES = Distillation(soft_weight=0.0, mlm_weight=0.0)


def test_a_teacher_knows_its_pieces_and_whether_it_predicts(teacher, headless, vocabulary):
    read = read_teacher(teacher, Distillation())
    assert read.vocabulary == tuple(vocabulary.pieces)
    assert (read.pieces, read.predicts, read.config.num_hidden_layers) == (len(vocabulary), True, 4)
    assert read_teacher(headless, STATES).predicts is False


def test_the_digest_is_that_of_the_weights_that_teach(teacher, headless, vocabulary, tmp_path):
    read = read_teacher(teacher, Distillation())
    assert read.digest == read_teacher(teacher, STATES).digest
    assert read.digest.startswith("sha256 ")
    assert read.digest != read_teacher(headless, STATES).digest
    other = save_teacher(network(len(vocabulary)), vocabulary, tmp_path, seed=4)
    assert read.digest != read_teacher(other, Distillation()).digest


def test_only_what_the_losses_read_is_given_to_the_step(teacher):
    read, model = read_teacher(teacher, Distillation()), ModelSettings(compute_dtype="float32")
    _, frozen = teaching_network(read, Distillation(), model, current_runtime())
    assert not [name for name in frozen if "pooler" in name or "next_sentence" in name]
    assert [name for name in frozen if "masked_lm" in name]
    _, states = teaching_network(read, STATES, model, current_runtime())
    assert set(states) == {name for name in frozen if "masked_lm" not in name}
    table = read.start.imported.weights["embeddings/word_embeddings"]
    np.testing.assert_array_equal(frozen["bert/embeddings/word_embeddings"], table)


def test_instances_of_another_vocabulary_or_casing_are_refused(teacher, make_folder, vocabulary):
    read = read_teacher(teacher, Distillation())
    folder = find_folders([str(make_folder())])[0]
    require_its_pieces(read, folder)
    changed = dataclasses.replace(read, vocabulary=(*read.vocabulary[:-1], "other"))
    with pytest.raises(UserError, match=r"made with another vocabulary than that of the teacher .*other pieces"):
        require_its_pieces(changed, folder)
    with pytest.raises(UserError, match=rf"\({len(vocabulary):,} pieces, not {len(vocabulary) + 1:,}\)"):
        require_its_pieces(dataclasses.replace(read, vocabulary=(*read.vocabulary, "more")), folder)
    lower = dataclasses.replace(read, start=dataclasses.replace(read.start, lower_case=True))
    with pytest.raises(UserError, match="its text was not lower-cased, but that of the teacher"):
        require_its_pieces(lower, folder)


def test_layers_that_share_their_weights_cannot_be_fewer(tmp_path):
    pieces = parse_vocabulary(b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n", "vocab.txt")
    albert = dataclasses.replace(network(6), embedding_size=8, share_layers=True)
    with pytest.raises(UserError, match=r"its layers share their weights .an ALBERT., so a student with fewer layers"):
        read_teacher(save_teacher(albert, pieces, tmp_path), Distillation())
