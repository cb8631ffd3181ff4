import pytest

from vocab import lint as lint_module
from vocab.lint import ERROR, NOTE, WARNING, lint_vocabulary, why_unreachable

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = sorted(set("abdehijklmnoprstuvyæøåA"))
GOOD = [*SPECIAL, "[unused0]", *LETTERS, *(f"##{c}" for c in LETTERS), ".", "huset", "##ene"]


def remarks(report, level):
    return [remark.text for remark in report.remarks if remark.level == level]


def test_a_good_vocabulary_has_no_errors():
    report = lint_vocabulary(GOOD, lower_case=False)
    assert not report.has_errors
    assert remarks(report, ERROR) == []
    assert not any("unreachable" in text for text in remarks(report, WARNING))
    assert (report.size, report.starting, report.continuing, report.special) == (len(GOOD), 25, 24, 6)


@pytest.mark.parametrize(
    ("pieces", "message"),
    [
        ([p for p in GOOD if p not in ("[SEP]", "[MASK]")], "special pieces are missing: [SEP], [MASK]"),
        ([*GOOD, "a", "huset"], f"2 duplicate pieces: 'a' on lines 8, {len(GOOD) + 1}"),
        ([*GOOD[:6], "", *GOOD[6:]], "blank lines: 7"),
        ([*GOOD, "", "", "a"], "1 duplicate piece: 'a'"),
    ],
)
def test_errors(pieces, message):
    report = lint_vocabulary(pieces, lower_case=False)
    assert report.has_errors
    assert any(text.startswith(message) for text in remarks(report, ERROR)), remarks(report, ERROR)


@pytest.mark.parametrize(
    ("piece", "cased", "uncased"),
    [
        ("hus", "", ""),
        ("##et", "", ""),
        (".", "", ""),
        ("中", "", ""),
        ("##ん", "", ""),
        ("Hus", "", "capitals or accents"),
        ("på", "", "capitals or accents"),
        ("##É", "", "capitals or accents"),
        ("bø", "", ""),
        ("##.", "always stands alone", "always stands alone"),
        ("##中", "always stands alone", "always stands alone"),
        ("##a.", "always stands alone", "always stands alone"),
        ("don't", "split inside", "split inside"),
        ("a b", "split inside", "split inside"),
        ("...", "split inside", "split inside"),
        ("日本", "split inside", "split inside"),
        ("##", "nothing after", "nothing after"),
        ("a\xadb", "dropped", "dropped"),
        ("\u200b", "dropped", "dropped"),
    ],
)
def test_unreachable_pieces(piece, cased, uncased):
    for lower_case, reason in ((False, cased), (True, uncased)):
        found = why_unreachable(piece, lower_case)
        assert reason in found
        assert bool(found) == bool(reason)


def test_unreachable_pieces_are_counted_with_examples():
    report = lint_vocabulary([*GOOD, "##.", "##!", "don't"], lower_case=False)
    assert "2 unreachable pieces: ## before a character that always stands alone: ##. ##!" in remarks(report, WARNING)
    assert any(text.startswith("1 unreachable pieces: text is split inside it") for text in remarks(report, WARNING))


def test_norwegian_letters():
    report = lint_vocabulary(GOOD, lower_case=False)
    assert any(text.startswith("accented letters kept: æ ø å") for text in remarks(report, NOTE))
    assert any("become [UNK]" in text and "Æ Ø Å" in text for text in remarks(report, WARNING))
    without = [piece for piece in GOOD if piece != "##å"]
    assert any(
        text.startswith("1 characters are no piece by themselves inside a word: å")
        for text in remarks(lint_vocabulary(without, lower_case=False), WARNING)
    )
    lowered = lint_vocabulary(GOOD, lower_case=True)
    assert any("lower-casing strips accents from text: å→a" in text for text in remarks(lowered, WARNING))


def test_an_uncased_vocabulary_checked_as_cased():
    lower = [piece for piece in GOOD if not piece.removeprefix("##").isupper() or piece in SPECIAL]
    assert any("check it with --lower_case" in text for text in remarks(lint_vocabulary(lower, False), WARNING))
    assert not any("check it with" in text for text in remarks(lint_vocabulary(lower, True), WARNING))


def test_sample_text_is_measured():
    report = lint_vocabulary(GOOD, lower_case=False, sample={"huset": 6, "husene": 1, "xyz": 3, "中": 2})
    coverage = report.coverage
    assert (coverage.words, coverage.unknown) == (12, 5)
    assert coverage.pieces == 6 + 4 + 3 + 2  # huset; h ##u ##s ##ene; [UNK]; [UNK]
    assert coverage.pieces_per_word == 15 / 12
    assert any(
        text.startswith("5 words of the sample become [UNK], most often xyz (3), 中 (2)")
        for text in remarks(report, WARNING)
    )
    assert any(
        "characters of the sample are in no piece: x LATIN SMALL LETTER X (3), z" in text
        for text in remarks(report, NOTE)
    )


def test_decomposed_sample_is_told():
    report = lint_vocabulary(GOOD, lower_case=False, sample={"pa\u030a": 4, "på": 5})
    assert any(text.startswith("4 words of the sample are not in NFC") for text in remarks(report, WARNING))


def test_empty_sample():
    assert "the sample text holds no words" in remarks(lint_vocabulary(GOOD, False, {}), WARNING)


def test_pad_elsewhere_is_told():
    report = lint_vocabulary([*GOOD[1:], "[PAD]"], lower_case=False)
    assert not report.has_errors
    assert f"[PAD] is on line {len(GOOD)}: its id is {len(GOOD) - 1}" in " ".join(remarks(report, NOTE))


def test_the_share_of_unknown_words_that_is_a_warning():
    assert lint_module._MAX_UNKNOWN_RATE == 0.01
