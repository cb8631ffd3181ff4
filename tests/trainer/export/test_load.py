import pytest

from beam_jobs.errors import UserError
from trainer.export.load import load_checkpoint


def test_a_model_folder_is_recognised(exported):
    assert load_checkpoint(exported).layout == "Hugging Face"


def test_a_folder_that_lacks_its_weights_is_named(exported, tmp_path):
    (tmp_path / "config.json").write_bytes((exported / "config.json").read_bytes())
    with pytest.raises(UserError, match=r"model\.safetensors: no such file"):
        load_checkpoint(tmp_path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("gs://bucket/bert_model.ckpt", "copy it here first"),
        ("/no/such/folder/model", "no such checkpoint"),
    ],
)
def test_places_without_a_checkpoint_are_refused(path, message):
    with pytest.raises(UserError, match=message):
        load_checkpoint(path)


def test_an_empty_folder_and_one_with_two_checkpoints_are_refused(tmp_path):
    with pytest.raises(UserError, match="holds not one checkpoint but none"):
        load_checkpoint(tmp_path)
    for name in ("a.index", "b.index"):
        (tmp_path / name).touch()
    with pytest.raises(UserError, match=r"not one checkpoint but a\.index, b\.index; name one"):
        load_checkpoint(tmp_path)
