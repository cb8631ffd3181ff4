"""How SQuAD compares two answers (Rajpurkar et al. 2016, 2018): exact match and F1 of the words, after normalisation."""

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalized(answer: str) -> str:
    """The answer in lower case, without ASCII punctuation and English articles, its words separated by one space.

    These are the published rules, whatever the language, so that scores compare with those of others.
    """
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_PUNCTUATION)).split())


def exact_match(gold: Sequence[str], predicted: str) -> float:
    """1.0 if the prediction is one of the gold answers, after normalisation, else 0.0.

    Without gold answers only the empty answer is right. Gold answers that normalise to nothing do not count.
    """
    return float(normalized(predicted) in _accepted(gold))


def word_f1(gold: Sequence[str], predicted: str) -> float:
    """The largest F1 of the prediction's words with those of a gold answer, after normalisation.

    Where there are no words on either side, it is 1.0 if there are none on both.
    """
    return max(_f1(answer.split(), normalized(predicted).split()) for answer in _accepted(gold))


def _accepted(gold: Sequence[str]) -> list[str]:
    return [answer for answer in map(normalized, gold) if answer] or [""]


def _f1(gold: list[str], predicted: list[str]) -> float:
    if not gold or not predicted:
        return float(gold == predicted)
    common = sum((Counter(gold) & Counter(predicted)).values())
    return 2 * common / (len(gold) + len(predicted))
