from beam_jobs.jobs.segment.line_rounds import rounds
from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import run_rounds, segmented


def test_finished_calls_are_not_made_again_and_those_of_other_texts_are(tmp_path):
    texts = [f"Menyen\nTekst {'i' * i}." for i in range(20)]
    job, rows = segmented(tmp_path, texts)
    first = run_rounds(job, rows)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.bin")}
    assert run_rounds(job, rows) == first
    assert {path: path.stat().st_mtime_ns for path in files} == files


def test_other_numbers_need_no_other_keys(tmp_path):
    """The ranges are segmented once, whatever number and keeping are chosen."""
    texts = ["Menyen\nNoe her.", "Menyen", "Noe her."]
    hashes = {
        segmented(
            tmp_path / f"{least}{keep}{share}", texts, repeated_lines=least, repeated_lines_keep=keep, contained=share
        )[0].reusable
        for least in (0, 2, 3)
        for keep in ("none", "longest")
        for share in (0.0, 0.7, 0.8)
        if least or share
    }
    off = segmented(tmp_path / "off", texts, repeated_lines=0)[0].reusable
    assert len(hashes) == 1
    assert off not in hashes


def test_without_the_option_there_are_no_calls(tmp_path):
    job, rows = segmented(tmp_path, ["Ja."], repeated_lines=0)
    assert rounds.plan_shared([], rows, job) == rounds.choose([], rows, job) == rounds.plan_holders([], rows, job) == []
    assert rounds.plan_forms([], rows, [], job) == rounds.gather([], rows, job) == []
    assert rounds.plan_cut([], rows, [], job) == []
