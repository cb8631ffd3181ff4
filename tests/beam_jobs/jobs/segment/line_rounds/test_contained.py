"""Which documents are contained in others: planted, and as a plain oracle says."""

import random

import numpy as np
import pytest

from beam_jobs.jobs.segment.duplicate_rounds.choice import REMOVED
from beam_jobs.jobs.segment.duplicate_rounds.plan import read_plan_of_rounds
from beam_jobs.jobs.segment.duplicate_rounds.round_file import round_file
from beam_jobs.jobs.segment.key_files.parts import read_parts
from beam_jobs.jobs.segment.line_rounds import contained, plan
from beam_jobs.jobs.segment.line_rounds.left_out import LeftOut
from tests.beam_jobs.duplicates.planted import documents
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import (
    SPLITS,
    expected_contained,
    in_small_pieces,
    run_rounds,
    segmented,
)

MENU = "Forsiden\nNyheter sport kultur og litt mer her\n"


def pages(count: int, seed: int = 5, lines: int = 8) -> list[str]:
    """Pages of lines of ten to fifteen words, none of which another page has."""
    draws = random.Random(seed)
    return ["\n".join(f"{line.capitalize()}." for line in documents(lines, draws, 10, 15)) for _ in range(count)]


def contained_in(folder, texts, splits=(), **more) -> dict[int, int]:
    """The documents that are filtered out, and the one that is named for each."""
    job, rows = segmented(folder, texts, splits, **{"repeated_lines": 0, "contained": 0.8, **more})
    (row,) = run_rounds(job, rows)["contained"]
    made = read_plan_of_rounds(job.output, plan.STEP)
    groups = len(made.groups) - 1
    found = b"".join(read_parts(round_file(contained.STEP, 0, job.output), row["chunks"][0], 0, groups))
    removed = {int(document): int(kept) for kept, document in np.frombuffer(found, REMOVED).tolist()}
    left_out = LeftOut(len(texts), job.output, contained=True)(np.arange(len(texts)))
    assert np.flatnonzero(left_out).tolist() == sorted(removed)
    return removed


@pytest.mark.parametrize(
    ("longer", "is_contained"),
    [
        (lambda text, other: f"{text}\n{other}", True),  # joined
        (lambda text, other: f"{text}\n{other[:60]}", True),
        (lambda text, other: f"{MENU}{text}\n{MENU}", True),
        (lambda text, other: text.replace(".", "!").upper(), True),
        (lambda text, other: f"{text.replace(chr(10), ' ')}\n{other}", False),  # other lines
        (lambda text, other: other + other, False),
    ],
    ids=["joined", "paragraph appended", "menu and footer", "equally long copy", "no lines in common", "another"],
)
def test_planted(tmp_path, longer, is_contained) -> None:
    text, other = pages(2)
    assert contained_in(tmp_path, [longer(text, other), text]) == ({1: 0} if is_contained else {})


@pytest.mark.parametrize("share", [0.8, 0.5])
def test_cut_short(tmp_path, share) -> None:
    """The first lines of a page, with lines of its own behind them."""
    text, own = pages(2)
    lines = text.split("\n")
    short = "\n".join([*lines[: int(8 * share)], *own.split("\n")[: 8 - int(8 * share) - 1]])
    assert contained_in(tmp_path / "a", [f"{text} Og litt til.", short], contained=share) == {1: 0}
    assert contained_in(tmp_path / "b", [f"{text} Og litt til.", short], contained=1.0) == {}


def test_short_lines_are_no_evidence(tmp_path) -> None:
    menu = "\n".join(["Forsiden", "Nyheter", "Sport og litt kultur", "Alt annet er borte"])
    assert contained_in(tmp_path, [f"{menu}\n{pages(1)[0]}", menu]) == {}


def test_what_contains_a_document_stays_and_no_line_is_lost(tmp_path) -> None:
    """The third holds the second, and the second the first: both are named with the third, which stays."""
    text, other, third = pages(3)
    middle = f"{text}\n{other[:50]}"
    assert contained_in(tmp_path, [text, middle, f"{middle}\n{third}"]) == {0: 2, 1: 2}


def test_the_one_with_most_words_is_named(tmp_path) -> None:
    text, other, third = pages(3)
    lines = text.split("\n")
    parts = "\n".join(lines[:2]) + f"\n{other}\n{third}", "\n".join(lines[2:]) + f"\n{other}"
    assert contained_in(tmp_path, [text, *parts])[0] == 2


@pytest.mark.parametrize(("splits", "expected"), [(["test", "train"], {}), (["train", "test"], {})])
def test_a_held_out_document_stays(tmp_path, splits, expected) -> None:
    """And a long one to train on stays too: only what is mostly in another leaves."""
    text, other = pages(2)
    texts = {"test": text, "train": f"{text}\n{other}"}
    assert contained_in(tmp_path, [texts[split] for split in splits], splits) == expected


def test_a_copy_of_a_held_out_document_leaves_train(tmp_path) -> None:
    text, other = pages(2)
    texts = [f"{text}\nEn linje til.", f"{text}\n{other}", text]
    assert contained_in(tmp_path, texts, ["train", "test", "train"]) == {1: 0, 2: 0}  # test is numbered first


def test_a_plain_oracle_agrees(tmp_path, monkeypatch) -> None:
    in_small_pieces(monkeypatch)
    draws = random.Random(9)
    pool = [line for page in pages(60, seed=8) for line in page.split("\n")] + ["Kort linje."] * 20
    texts = ["\n".join(draws.choices(pool[: draws.choice((30, 500))], k=draws.randrange(1, 9))) for _ in range(500)]
    splits = [draws.choice(SPLITS) for _ in texts]
    numbers = [i for split in sorted(SPLITS) for i in range(500) if splits[i] == split]
    names = {f"d{i}": place for place, i in enumerate(numbers)}
    ordered = {f"d{i}": texts[i] for i in numbers}
    expected = expected_contained(ordered, {f"d{i}": splits[i] for i in numbers}, 0.6)
    assert contained_in(tmp_path, texts, splits, contained=0.6) == {names[a]: names[b] for a, b in expected.items()}
    assert 100 < len(expected) < 400


def test_hostile_documents(tmp_path) -> None:
    """100,000 lines that another document has too, in reverse; and a line of 10 MB twice."""
    lines = [f"Dette er en linje av ord som {'i' * (n % 300)} og {'o' * (n // 300)}" for n in range(60_000)]
    long = "ord " * 2_500_000
    texts = ["\n".join(lines), "\n".join([*lines[::-1], "Mer."]), long, f"{long}\nMer."]
    assert contained_in(tmp_path, texts) == {0: 1, 2: 3}
