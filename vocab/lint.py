"""Checks a vocabulary before a model is trained with it: errors, doubts, and how well it covers a text."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vocab.basic_tokenizer import split_words
from vocab.casing import casing_problem
from vocab.characters import is_dropped, stands_alone
from vocab.coverage import Coverage, measure_coverage
from vocab.unicode_forms import to_nfc
from vocab.vocabulary import CONTINUATION, SPECIAL_PIECES, UNUSED_PIECE, describe_duplicates

ERROR, WARNING, NOTE = "error", "warning", "note"

# Letters that lower-casing changes or that learners drop, by the languages that need them.
ACCENTED_LETTERS = "æøåÆØÅäöüÄÖÜßéèêëÉàâáçÇñôóòîíïûúùšžčðþ"

_MAX_UNKNOWN_RATE = 0.01  # of the words of a sample; a larger share means another script or language
_SHOWN = 8  # examples of a finding
_SHOWN_CHARACTERS = 30  # of an example


@dataclass(frozen=True)
class Remark:
    """One remark of the linter: its level, and one line of text."""

    level: str  # ERROR, WARNING or NOTE
    text: str


@dataclass
class LintReport:
    """What the linter found. `coverage` is that of the sample text; None without a sample."""

    size: int
    starting: int = 0  # pieces that begin a word
    continuing: int = 0  # pieces that begin with "##"
    special: int = 0  # special pieces and placeholders
    remarks: list[Remark] = field(default_factory=list)
    coverage: Coverage | None = None

    def add(self, level: str, text: str) -> None:
        """Append a remark."""
        self.remarks.append(Remark(level, text))

    @property
    def has_errors(self) -> bool:
        """Whether there are errors, so that no model should be trained with this vocabulary."""
        return any(remark.level == ERROR for remark in self.remarks)


def lint_vocabulary(pieces: Sequence[str], lower_case: bool, sample: Mapping[str, int] | None = None) -> LintReport:
    """Check the pieces of a vocabulary in the order of their ids.

    Args:
        pieces: one per line of the file, as `split_pieces` gives them.
        lower_case: whether text is lower-cased and stripped of accents before it is spelt.
        sample: words of a text and their counts, as `split_words` gives them with the same `lower_case`.
    """
    report = LintReport(size=len(pieces))
    ordinary = [piece for piece in pieces if piece not in SPECIAL_PIECES and not UNUSED_PIECE.fullmatch(piece)]
    report.continuing = sum(piece.startswith(CONTINUATION) for piece in ordinary)
    report.starting = len(ordinary) - report.continuing
    report.special = len(pieces) - len(ordinary)
    _check_file(pieces, report)
    _check_reachable(ordinary, lower_case, report)
    _check_alphabet(ordinary, lower_case, report)
    if sample is not None and "[UNK]" in pieces:
        _check_sample(pieces, ordinary, lower_case, sample, report)
    return report


def _check_file(pieces: Sequence[str], report: LintReport) -> None:
    present = set(pieces)
    missing = [piece for piece in SPECIAL_PIECES if piece not in present]
    if missing:
        report.add(ERROR, f"special pieces are missing: {', '.join(missing)}")
    elif pieces[0] != "[PAD]":
        line = pieces.index("[PAD]") + 1
        report.add(NOTE, f"[PAD] is on line {line}: its id is {line - 1}, where some tools of others expect 0")
    blank = [str(line) for line, piece in enumerate(pieces, 1) if not piece]
    if blank:
        report.add(ERROR, f"blank lines: {', '.join(blank[:_SHOWN])}; a placeholder such as [unused0] keeps the ids")
    if len(present) < len(pieces) - max(0, len(blank) - 1):
        report.add(ERROR, describe_duplicates([piece for piece in pieces if piece] if blank else pieces))


def why_unreachable(piece: str, lower_case: bool) -> str:
    """Why no text can contain this piece; empty if one can. For pieces that are neither special nor placeholders."""
    body = piece.removeprefix(CONTINUATION)
    if not body:
        return "nothing after ##"
    if any(map(is_dropped, body)):
        return "characters that are dropped before spelling"
    if body.isspace():
        return "white space, at which text is split"
    words = split_words(body, lower_case)
    if words == [body]:
        if piece != body and len(body) == 1 and stands_alone(body):
            return "## before a character that always stands alone"
        return ""
    if lower_case and split_words(body, False) == [body]:
        return "capitals or accents, which lower-casing takes away"
    if piece.startswith(CONTINUATION):
        return "## before a character that always stands alone"
    return "text is split inside it, at punctuation, ideographs or white space"


def _check_reachable(ordinary: Sequence[str], lower_case: bool, report: LintReport) -> None:
    by_reason: dict[str, list[str]] = {}
    for piece in ordinary:
        reason = why_unreachable(piece, lower_case) if piece else ""
        if reason:
            by_reason.setdefault(reason, []).append(piece)
    for reason, found in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        report.add(WARNING, f"{len(found):,} unreachable pieces: {reason}: {_examples(found)}")
    if problem := casing_problem(ordinary, lower_case):
        report.add(WARNING, problem)
    elif not lower_case and ordinary and not any(piece != piece.lower() for piece in ordinary):
        report.add(WARNING, "no piece has a capital letter: an uncased vocabulary? then check it with --lower_case")


def _check_alphabet(ordinary: Sequence[str], lower_case: bool, report: LintReport) -> None:
    pieces = set(ordinary)
    bodies = [piece.removeprefix(CONTINUATION) for piece in ordinary]
    letters = {c for body in bodies for c in body if not stands_alone(c) and not why_unreachable(c, lower_case)}
    without_start = sorted(letters - pieces)
    without_continuation = sorted(c for c in letters if CONTINUATION + c not in pieces)
    for found, what in ((without_start, "at the start of"), (without_continuation, "inside")):
        if found:
            report.add(
                WARNING, f"{len(found):,} characters are no piece by themselves {what} a word: {_examples(found)}"
            )
    if lower_case:
        changed = [f"{c}→{''.join(split_words(c, True))}" for c in "åäöüéñç"]
        report.add(WARNING, f"lower-casing strips accents from text: {' '.join(changed)}; æ, ø and ß stay")
        return
    kept = [c for c in ACCENTED_LETTERS if c in pieces and CONTINUATION + c in pieces]
    lost = [c for c in ACCENTED_LETTERS if c not in kept]
    report.add(NOTE, f"accented letters kept: {' '.join(kept) or 'none'}")
    if lost:
        level = WARNING if set(lost) & set("æøåÆØÅ") else NOTE
        report.add(level, f"accented letters that become [UNK] at the start of or inside a word: {' '.join(lost)}")


def _check_sample(
    pieces: Sequence[str], ordinary: Sequence[str], lower_case: bool, sample: Mapping[str, int], report: LintReport
) -> None:
    coverage = report.coverage = measure_coverage(pieces, sample)
    if not coverage.words:
        report.add(WARNING, "the sample text holds no words")
        return
    if coverage.unknown:
        level = WARNING if coverage.unknown_rate > _MAX_UNKNOWN_RATE else NOTE
        words = [f"{word[:_SHOWN_CHARACTERS]} ({count:,})" for word, count in _most_common(coverage.unknown_words)]
        report.add(level, f"{coverage.unknown:,} words of the sample become [UNK], most often {', '.join(words)}")
        missing: Counter[str] = Counter()
        known = {c for piece in ordinary for c in piece.removeprefix(CONTINUATION)}
        for word, count in coverage.unknown_words.items():
            missing.update(dict.fromkeys(set(word) - known, count))
        if missing:
            named = [f"{c} {_name(c)} ({count:,})" for c, count in _most_common(missing)]
            report.add(NOTE, f"{len(missing):,} characters of the sample are in no piece: {', '.join(named)}")
    if not lower_case:
        foreign = sum(count for word, count in sample.items() if to_nfc(word) != word)
        if foreign:
            report.add(WARNING, f"{foreign:,} words of the sample are not in NFC and may be spelt badly; normalise it")
    share = len(coverage.used) / max(len(ordinary), 1)
    report.add(NOTE, f"{len(coverage.used):,} pieces ({share:.0%}) occur in the sample")


def _most_common(counts: Counter[str]) -> Iterator[tuple[str, int]]:
    """The most frequent, ties in alphabetical order, so that the report does not depend on the order of the text."""
    yield from sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]


def _examples(found: Sequence[str]) -> str:
    shown = " ".join(repr(piece[:_SHOWN_CHARACTERS])[1:-1] for piece in found[:_SHOWN])
    return shown + (" ..." if len(found) > _SHOWN else "")


def _name(character: str) -> str:
    return unicodedata.name(character, f"U+{ord(character):04X}")
