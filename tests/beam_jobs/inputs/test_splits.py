import pytest

from beam_jobs.inputs.splits import folder_split, hashed_split, splits_of, tell_splits

IDS = [f"document-{i}" for i in range(20_000)]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("a.txt", ""),
        ("train/a.txt", "train"),
        ("x/dev/y/a.txt", "dev"),
        ("train/test/a.txt", "test"),
        ("training/a.txt", ""),
        ("a/train", ""),
        ("default/a.txt", ""),
        ("validation/a.txt", "dev"),
        ("x/Valid/a.txt", "dev"),
        ("eval/a.txt", "dev"),
        ("testing/a.txt", "test"),
        ("split=val/a.txt", "dev"),
        ("validations/a.txt", ""),
    ],
)
def test_the_nearest_folder_named_like_a_split_counts(name, split):
    assert folder_split(name) == split


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["train-00000-of-00002.parquet", "validation-00000-of-00001-ab12cd34ef.parquet"], ["train", "dev"]),
        (["train.jsonl.gz", "a.txt", "eval_1.jsonl.GZ", "x/test.txt"], ["train", "", "dev", "test"]),
        (["train.jsonl", "a.txt"], ["", ""]),  # as ever: --dev_fraction may hold out a part
        (["test.txt"], [""]),
        (["dev/train.jsonl", "train/dev.jsonl"], ["dev", "train"]),
        (["dev/a.txt", "test.txt"], ["dev", ""]),
        (["the test of time.txt", "valid arguments.txt", "dev-ops.txt", "validate.txt"], [""] * 4),
    ],
)
def test_names_of_files(names, splits):
    assert splits_of(names) == splits


def test_what_names_decide_is_told(caplog):
    names = ["train/dev/a.txt", "valid/b.txt", "c.txt", "norec_dev.jsonl", "held-out/d.txt", "the test of time.txt"]
    tell_splits(names, splits_of(names))
    assert [record.message for record in caplog.records] == [
        "1 file held out as split dev, as the names say: valid/b.txt",
        "2 files to train on, though the names look held out: norec_dev.jsonl, held-out/d.txt; "
        "put them in a folder named dev or test, or leave them out",
    ]


def test_shares_come_out_and_the_rest_is_train():
    splits = [hashed_split(id, 0.1, 0.2) for id in IDS]
    assert splits.count("dev") / len(IDS) == pytest.approx(0.1, abs=0.01)
    assert splits.count("test") / len(IDS) == pytest.approx(0.2, abs=0.01)
    assert splits.count("train") + splits.count("dev") + splits.count("test") == len(IDS)


def test_without_shares_all_is_default():
    assert {hashed_split(id, 0, 0) for id in IDS} == {"default"}


def test_a_larger_share_keeps_what_a_smaller_one_held_out():
    for id in IDS:
        small, large = hashed_split(id, 0.05, 0.05), hashed_split(id, 0.2, 0.2)
        assert small in (large, "train")


def test_the_hash_stays_the_same_in_other_versions():
    assert [hashed_split(id, 0.3, 0.3) for id in ("a", "b", "c", "ø", "\ud800")] == [
        "dev",
        "train",
        "dev",
        "dev",
        "dev",
    ]
