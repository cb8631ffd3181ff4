import gzip
import json
from collections import Counter

import pytest

from beam_jobs.errors import UserError
from beam_jobs.inputs.plan_file import write_plan
from beam_jobs.jobs.vocabulary import count_words as count_words_module
from beam_jobs.jobs.vocabulary.count_words import count_words
from beam_jobs.jobs.vocabulary.counts_file import PARTITIONS, STEP, read_slice
from beam_jobs.jobs.vocabulary.job import open_vocabulary_job
from beam_jobs.settings import VocabularySettings
from beam_jobs.text.word_counts import unpack_counts

TEXTS = ["Blåbærsyltetøy er godt.", "A\u030arets bok: «Sult»", "hus hus\xadet hus"]


def write_jsonl(path, texts):
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return path


def count_all(settings):
    """Counts and rows of all items, as the pipeline makes them."""
    job, items = open_vocabulary_job(settings, 0.0)
    rows = [count_words(place, job) for place in write_plan(items, job.output, STEP)]
    counts = Counter()
    for number in range(PARTITIONS):
        for packed in read_slice(rows, job.output, number):
            numbers, text = unpack_counts(packed)
            for word, count in zip(text.decode().split("\n"), numbers.tolist(), strict=False):
                counts[word] += count
    return counts, rows, job


def test_words_of_normalised_text(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", TEXTS)
    counts, rows, _ = count_all(VocabularySettings((str(path),), str(tmp_path / "out")))
    assert counts == Counter(
        ["Blåbærsyltetøy", "er", "godt", ".", "Årets", "bok", ":", "«", "Sult", "»", "hus", "huset", "hus"]
    )
    nothing = {
        "rejected": {},
        "rejected_bytes": {},
        "repaired": {},
        "doubtful": 0,
        "noted": {},
        "bytes_read": path.stat().st_size,
    }
    assert rows[0]["totals"] == {"documents": 3, "bytes_in": path.stat().st_size, **nothing}


def test_without_normalising_and_lower_cased(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", TEXTS)
    counts, _, _ = count_all(VocabularySettings((str(path),), str(tmp_path / "one"), normalize="none"))
    assert counts["A\u030arets"] == 1
    counts, _, _ = count_all(VocabularySettings((str(path),), str(tmp_path / "two"), lower_case=True))
    assert counts["arets"] == counts["blabærsyltetøy"] == 1


def test_lone_surrogates_do_not_end_the_job(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "a\\ud800b c"}\n')
    for normalize in ("nfc", "none"):
        settings = VocabularySettings((str(tmp_path / "a.jsonl"),), str(tmp_path / normalize), normalize=normalize)
        assert count_all(settings)[0] == {"ab": 1, "c": 1}


def test_memory_is_bounded_by_emptying_the_counter(tmp_path, monkeypatch):
    texts = [f"felles ord{i % 40} ord{i}" for i in range(200)]
    settings = VocabularySettings((str(write_jsonl(tmp_path / "a.jsonl", texts)),), str(tmp_path / "one"))
    at_once, rows, _ = count_all(settings)
    monkeypatch.setattr(count_words_module, "_MAX_CHUNKS", 10)
    monkeypatch.setattr(count_words_module, "_BATCH_CHARACTERS", 50)
    settings = VocabularySettings(settings.input, str(tmp_path / "two"))
    in_parts, parted_rows, _ = count_all(settings)
    assert in_parts == at_once
    assert len(parted_rows[0]["runs"]) > len(rows[0]["runs"]) == 1
    assert parted_rows[0]["totals"] == rows[0]["totals"]


def test_a_finished_item_is_not_counted_again(tmp_path):
    path = write_jsonl(tmp_path / "a.jsonl", TEXTS)
    _, rows, job = count_all(VocabularySettings((str(path),), str(tmp_path / "out")))
    path.write_text("")
    first_line = (tmp_path / "out/_work/plan.jsonl").read_bytes().splitlines(keepends=True)[0]
    assert count_words((0, 0, len(first_line)), job) == rows[0]


def test_rejections_are_kept_and_counted(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "hus"}\n{"text": \n{"text": null}\n')
    counts, rows, _ = count_all(VocabularySettings((str(path),), str(tmp_path / "out")))
    assert counts == {"hus": 1}
    assert sum(rows[0]["totals"]["rejected"].values()) == 2
    assert len((tmp_path / "out" / rows[0]["rejections"]).read_text().splitlines()) == 2


def test_items_are_joined_and_hold_every_piece_once(tmp_path):
    for i in range(30):
        write_jsonl(tmp_path / f"{i:02}.jsonl", ["x" * 400_000])
    (tmp_path / "z.txt.gz").write_bytes(gzip.compress(b"a line\n"))
    _, items = open_vocabulary_job(VocabularySettings((str(tmp_path),), str(tmp_path / "out")), 0.0)
    assert [item.index for item in items] == list(range(len(items)))
    assert len(items) == 3
    pieces = [piece.name for item in items for piece in item.pieces]
    assert pieces == [*(f"{i:02}.jsonl" for i in range(30)), "z.txt.gz"]


@pytest.mark.parametrize("name", ["", "a/b", "..", "manifest", "corpus_stats", "x y"])
def test_names_that_cannot_be_files_are_refused(tmp_path, name):
    path = write_jsonl(tmp_path / "a.jsonl", TEXTS)
    with pytest.raises(UserError, match=r"--name .* cannot be a file's name"):
        open_vocabulary_job(VocabularySettings((str(path),), str(tmp_path / "out"), name=name), 0.0)


def test_output_in_the_input_folder_is_no_input(tmp_path):
    write_jsonl(tmp_path / "a.jsonl", TEXTS)
    out = tmp_path / "vocabulary"
    out.mkdir()
    write_jsonl(out / "b.jsonl", TEXTS)
    _, items = open_vocabulary_job(VocabularySettings((str(tmp_path),), str(out)), 0.0)
    assert [piece.name for item in items for piece in item.pieces] == ["a.jsonl"]
    with pytest.raises(UserError, match="lies inside --output"):
        open_vocabulary_job(VocabularySettings((str(out),), str(out)), 0.0)
