"""All rounds over synthetic key files: they find what the pure functions find in memory, however small the pieces are."""

import json
import random
from collections import Counter

import numpy as np
import pytest

from beam_jobs.duplicates.find_duplicates import find_duplicates
from beam_jobs.duplicates.rank_documents import rank_documents
from beam_jobs.jobs.segment.duplicate_rounds import rounds
from beam_jobs.jobs.segment.duplicate_rounds.choice import read_choice
from beam_jobs.jobs.segment.key_files.document_rank import SPLITS_BY_RANK
from tests.beam_jobs.duplicates.oracle import folded_words, jaccard, signature
from tests.beam_jobs.duplicates.planted import documents, edited, lengths, words
from tests.beam_jobs.jobs.segment.duplicate_rounds.synthetic import in_small_pieces, job_in, run_rounds, write_corpus


def corpus(seed: int, count: int, least: int = 30, most: int = 120) -> tuple[list[str], list[str]]:
    """Documents, edited copies, copies in capitals, a page that stands there often, and documents without words."""
    draws = random.Random(seed)
    texts = documents(count, draws, least, most)
    texts += [edited(text, draws.choice((0.02, 0.05, 0.1)), draws) for text in texts[: count // 2]]
    texts += [text.upper() for text in texts[: count // 3]] + [texts[0]] * 15 + ["...", "!!!", ""]
    draws.shuffle(texts)
    splits = [draws.choice(("train", "train", "train", "dev", "test")) for _ in texts]
    return texts, splits


def chosen(job, count: int) -> dict[int, tuple[int, int]]:
    kept, shared = read_choice(0, count, count, job.output)
    return {i: (int(k), int(s)) for i, (k, s) in enumerate(zip(kept, shared, strict=True)) if k != i}


@pytest.mark.parametrize("mode", ["near", "exact"])
@pytest.mark.parametrize("seed", [1, 2])
def test_as_the_pure_functions_in_memory(tmp_path, monkeypatch, mode, seed) -> None:
    in_small_pieces(monkeypatch)
    texts, splits = corpus(seed, 160)
    job = job_in(tmp_path, mode)
    rows, keys = write_corpus(job, texts, splits)
    done = run_rounds(job, rows)
    assert all(len(row["keys"]["sections"]) > 3 for row in rows)
    steps = ("copies", "links", "pairs", "kept") if mode == "near" else ("copies", "kept")
    assert all(len(done[step]) > 2 for step in steps)
    ranks = rank_documents(np.array([SPLITS_BY_RANK.index(split) for split in splits]), lengths(texts))
    expected = {d: (k, s) for d, k, s in zip(*(c.tolist() for c in find_duplicates(keys, ranks)), strict=True)}
    assert chosen(job, len(texts)) == expected
    assert len(expected) > (120 if mode == "near" else 60)


def test_pieces_of_any_size_give_the_same_choice_and_lines(tmp_path, monkeypatch) -> None:
    texts, splits = corpus(3, 100)
    told = []
    for name, ranges in (("whole", 1), ("pieces", 4)):
        job = job_in(tmp_path / name)
        run_rounds(job, write_corpus(job, texts, splits, ranges)[0])
        lines = [
            line
            for reason in ("duplicate_exact", "duplicate_near")
            for path in sorted((tmp_path / name / "filtered").glob(f"{reason}-*"))
            for line in path.read_text().splitlines()
        ]
        told.append((chosen(job, len(texts)), lines))
        in_small_pieces(monkeypatch)
    assert told[0] == told[1]
    assert len(list((tmp_path / "pieces" / "filtered").glob("duplicate_near-*"))) > 2


def test_a_plain_oracle_agrees_on_1000_documents(tmp_path, monkeypatch) -> None:
    """Dictionaries of folded words and of bands, all pairs counted; no group of a band is so large that links are left out."""
    in_small_pieces(monkeypatch)
    draws = random.Random(4)
    texts = documents(560, draws, 12, 40)
    texts += [edited(text, 0.03, draws) for text in texts[:240]] + [text.title() for text in texts[100:300]]
    draws.shuffle(texts)
    splits = [draws.choice(("default", "dev")) for _ in texts]
    job = job_in(tmp_path)
    run_rounds(job, write_corpus(job, texts, splits)[0])

    order = sorted(range(len(texts)), key=lambda i: (splits[i] != "dev", -len(texts[i].encode()), i))
    first_of: dict[tuple[str, ...], int] = {}
    firsts = {i: first_of.setdefault(tuple(folded_words(texts[i])), i) for i in order}
    bands: dict[tuple[int, ...], list[int]] = {}
    shared: dict[int, Counter[int]] = {i: Counter() for i in order}
    for i in (i for i in order if firsts[i] == i):
        lanes = signature(texts[i])
        for band in range(32):
            earlier = bands.setdefault((band, *lanes[4 * band : 4 * band + 4]), [])
            shared[i].update(earlier)
            earlier.append(i)
    assert max(map(len, bands.values())) <= 5
    expected: dict[int, tuple[int, int]] = {}
    for i in order:
        alike = {j: n for j, n in shared[i].items() if n >= 5 and j not in expected}
        if firsts[i] != i:
            expected[i] = expected.get(firsts[i], (firsts[i], 0))
        elif alike:
            most = max(alike.values())
            expected[i] = next((j, n) for j, n in shared[i].items() if j in alike and n == most)
    assert chosen(job, len(texts)) == expected
    assert len(expected) > 300


@pytest.fixture
def removed_lines(tmp_path):
    """Runs the rounds over texts of one split; each line of `filtered/`."""

    def run(texts: list[str], splits: list[str] | None = None) -> list[dict]:
        job = job_in(tmp_path)
        run_rounds(job, write_corpus(job, texts, splits or ["default"] * len(texts))[0])
        files = sorted((tmp_path / "filtered").glob("*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]

    return run


def check_jaccard(texts: list[str], lines: list[dict], every: int = 1) -> None:
    for line in lines[::every]:
        removed, kept = (int(line[name][2:]) for name in ("id", "kept_id"))
        assert jaccard(texts[removed], texts[kept]) >= 0.4
    assert not {line["id"] for line in lines} & {line["kept_id"] for line in lines}


def test_a_chain_of_2000_edits(removed_lines) -> None:
    draws = random.Random(14)
    texts = documents(1, draws, least=100, most=100)
    for _ in range(1999):
        texts.append(edited(texts[-1], 0.02, draws))
    lines = removed_lines(texts)
    assert 1000 < len(lines) < 1990
    check_jaccard(texts, lines, every=5)


def test_3000_pages_of_one_template(removed_lines) -> None:
    draws = random.Random(15)
    shared = " ".join(words(75, draws))
    texts = [f"{shared} {' '.join(words(30, draws))}" for _ in range(3000)]
    lines = removed_lines(texts)
    assert len(lines) < 1500
    check_jaccard(texts, lines)


def test_100000_identical_pages_cost_no_links(tmp_path) -> None:
    page = " ".join(words(20, random.Random(16)))
    job = job_in(tmp_path)
    done = run_rounds(job, write_corpus(job, [page] * 100_000, ranges=2)[0])
    assert sum(row["links"] for row in done["links"]) == 0
    assert sum(sum(row["exact"]) for row in done["choice"]) == 99_999
    assert max(row["largest_group"] for row in done["kept"]) == 100_000


def test_a_document_has_at_most_four_links_in_a_band(tmp_path) -> None:
    """A thousand pages that differ in one word, so that they share many bands and are no copies."""
    draws = random.Random(17)
    page = " ".join(words(60, draws))
    job = job_in(tmp_path)
    done = run_rounds(job, write_corpus(job, [f"{page} {i}" for i in range(1000)])[0])
    assert 1000 < max(row["links"] for row in done["links"]) <= 4 * 1000
    assert sum(sum(row["near"]) for row in done["choice"]) == 999


@pytest.mark.parametrize(("train", "test"), [(0, 1), (1, 0)])
@pytest.mark.parametrize("shorter", ["train", "test", ""])
def test_a_copy_of_a_test_document_leaves_train(removed_lines, train, test, shorter) -> None:
    (text,) = documents(1, random.Random(18), 200, 200)
    texts, splits = ["", ""], ["", ""]
    for place, split in ((train, "train"), (test, "test")):
        texts[place], splits[place] = (text.rsplit(" ", 3)[0] if shorter == split else text), split
    assert [line["id"] for line in removed_lines(texts, splits)] == [f"id{train}"]


def test_no_documents_and_no_duplicates(tmp_path) -> None:
    for name, texts in (("none", []), ("alone", ["Bare denne."])):
        for mode in ("near", "exact", "count"):
            job = job_in(tmp_path / name / mode, mode)
            done = run_rounds(job, write_corpus(job, texts, ranges=2)[0])
            assert sum(row["copies"] for row in done["copies"]) == 0
            assert all(row["documents"] == {} for row in done["removed"])
            assert not (tmp_path / name / mode / "filtered").exists()


def test_count_looks_for_copies_only(tmp_path) -> None:
    job = job_in(tmp_path, "count")
    done = run_rounds(job, write_corpus(job, ["Ett to.", "ETT TO", "tre", "ett  to!"])[0])
    assert done["copies"][0]["copies"] == 2
    assert not any(done[step] for step in done if step != "copies")


def test_off_plans_nothing(tmp_path) -> None:
    assert rounds.plan_copies([{"index": 0}], job_in(tmp_path, "off")) == []


def test_finished_calls_are_not_made_again_and_those_of_other_keys_are(tmp_path, monkeypatch) -> None:
    texts, splits = corpus(5, 40)
    job = job_in(tmp_path)
    rows, _ = write_corpus(job, texts, splits)
    first = run_rounds(job, rows)
    files = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert run_rounds(job, rows) == first
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert {p for p in files if kept[p] != files[p]} <= set((tmp_path / "_work/progress").iterdir())
    texts[3] = "Noe helt annet."
    second = run_rounds(job, write_corpus(job, texts, splits)[0])
    assert second["links"] != first["links"]
    fresh = job_in(tmp_path / "fresh")
    assert run_rounds(fresh, write_corpus(fresh, texts, splits)[0])["choice"][0]["near"] == second["choice"][0]["near"]
