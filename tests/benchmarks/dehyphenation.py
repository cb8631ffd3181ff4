"""Words divided by hyphens, planted and mended: how many are right, what real hyphens are lost, and MB/s.

    python tests/benchmarks/dehyphenation.py --text FILE.jsonl[.gz] ... [--text_field text]

In the text, every thirtieth word of six letters or more is divided where a syllable may end, half of them at the end of a line
("opp-", line end, "merksomhet") and half in a line ("opp- merksomhet"). Words are counted in that text, as the job does. Real
hyphens stay as they are: those inside words, those of parts that two words share ("på- og avkledning"), and all others with a space
behind them. With --break_compounds, three in ten of the hyphenated words are divided at their hyphen, too.
"""

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from beam_jobs.dehyphenation.mend_texts import mend_texts
from beam_jobs.dehyphenation.word_counts import WordCounter, WordCounts
from beam_jobs.text.normalise import normalise

_VOWELS = frozenset("aeiouyæøåäöüéèêàáíóúAEIOUYÆØÅÄÖ")
_WORD, _COMPOUND_HYPHEN = re.compile(r"[^\W\d_]+"), re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_DIVIDED, _BROKEN = "\x01", "\x02"  # mark the places in the planted text
_SPACES = ("-\n", "- ")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, nargs="+", required=True, help="JSON lines, plain or gzipped")
    parser.add_argument("--text_field", default="text")
    parser.add_argument("--break_compounds", action="store_true", help="also divide hyphenated words at their hyphen")
    parser.add_argument("--seed", type=int, default=42)
    arguments = parser.parse_args()
    texts = [normalise(text) for path in arguments.text for text in read_texts(path, arguments.text_field)]
    noise = random.Random(arguments.seed)
    marked = [plant(text, noise, 0.3 if arguments.break_compounds else 0.0) for text in texts]
    planted = [unmark(text, noise) for text in marked]
    size = sum(len(text.encode()) for text in planted) / 1e6
    started = time.process_time()
    words = count(planted)
    counted = time.process_time()
    mend_texts(planted, words, everywhere=True)
    mended = time.process_time()
    print(
        f"{size:,.1f} MB: words counted at {size / (counted - started):,.0f} MB/s, mended at {size / (mended - counted):,.0f} MB/s"
    )
    rows = score(marked, planted, words)
    for kind in sorted({kind for kind, _ in rows}):
        of_kind = {outcome: count for (name, outcome), count in rows.items() if name == kind}
        total = sum(of_kind.values())
        shown = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(of_kind.items(), key=lambda one: -one[1]))
        print(f"{kind:34} {total:8,}  right {of_kind.get('right', 0) / total:.4f}  ({shown})")
    lost, real = rows["real hyphens", "lost"], sum(count for (name, _), count in rows.items() if name == "real hyphens")
    print(f"real hyphens lost: {lost:,} of {real:,}, {lost / max(real, 1):.4%}")


def read_texts(path: Path, field: str) -> list[str]:
    """The texts of a file of JSON lines."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return [json.loads(line)[field] for line in lines]


def plant(text: str, noise: random.Random, broken: float) -> str:
    """The text with a mark in each word to divide, and in the place of hyphens to break, a share of all."""

    def divided(match: re.Match[str]) -> str:
        word = match[0]
        if len(word) < 6 or noise.random() >= 1 / 30:
            return word
        places = [i for i in range(2, len(word) - 1) if word[i] not in _VOWELS and not _VOWELS.isdisjoint(word[:i])]
        if not places:
            return word
        place = noise.choice(places)
        return word[:place] + _DIVIDED + word[place:]

    text = _WORD.sub(divided, text)
    return _COMPOUND_HYPHEN.sub(lambda _: _BROKEN if noise.random() < broken else "-", text)


def unmark(marked: str, noise: random.Random) -> str:
    """The text as a scanner leaves it: each mark is a hyphen with a space or a line end behind it."""
    return re.sub(f"[{_DIVIDED}{_BROKEN}]", lambda _: noise.choice(_SPACES), marked)


def count(texts: list[str]) -> WordCounts:
    """The counts of all words."""
    counter = WordCounter()
    for text in texts:
        counter.add(text)
    return counter.finish()


def score(marked: list[str], planted: list[str], words: WordCounts) -> Counter[tuple[str, str]]:
    """How often each kind of place came out how: each is mended by itself, in the words around it."""
    outcomes: Counter[tuple[str, str]] = Counter()
    cuts, kinds, truths = [], [], []
    for text, whole in zip(marked, planted, strict=True):
        shift = 0
        for match in re.finditer(f"[{_DIVIDED}{_BROKEN}]|-", text):
            start = match.start() + shift
            mark = match[0]
            shift += mark != "-"
            if mark == "-" and not whole[start + 1 : start + 2].isspace():
                outcomes["real hyphens", "right"] += 1  # nothing looks at it
                continue
            first = max(whole.rfind(" ", 0, start), whole.rfind("\n", 0, start)) + 1
            last = start + 2 + len(re.match(r"[\w-]*", whole[start + 2 :])[0])
            cut = whole[first:last].rstrip("-")
            cuts.append(cut)
            place = "line end" if whole[start + 1] == "\n" else "in the line"
            kinds.append({_DIVIDED: f"divided, {place}", _BROKEN: f"hyphenated, {place}"}.get(mark, "real hyphens"))
            before, after = whole[first:start], cut[start + 2 - first :]
            truths.append({_DIVIDED: before + after, _BROKEN: f"{before}-{after}"}.get(mark, cut))
    found = mend_texts(cuts, words, everywhere=True).texts
    for kind, truth, mended, cut in zip(kinds, truths, found, cuts, strict=True):
        if mended == truth:
            outcome = "right"
        elif mended == cut:
            outcome = "left as it was"
        else:
            outcome = "lost" if mended.count("-") < truth.count("-") else "joined with its hyphen"
        outcomes[kind, outcome] += 1
    return outcomes


if __name__ == "__main__":
    main()
