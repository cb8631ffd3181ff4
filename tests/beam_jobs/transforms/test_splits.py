import pytest

from beam_jobs.transforms.splits import folder_split, hashed_split

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
    ],
)
def test_the_nearest_folder_named_like_a_split_counts(name, split):
    assert folder_split(name) == split


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
