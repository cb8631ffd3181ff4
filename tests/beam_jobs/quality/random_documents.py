"""Random documents of which many lines, words and n-grams repeat, and which hold all that is counted."""

import random

from beam_jobs.quality.phrases import PHRASES
from beam_jobs.quality.stop_words import STOP_WORDS

ODD = "#{}.…•-\"'»?!1²,語ไไ。\ufffd\u0301\u00a0\x1c\u2028\ud800İΣåé😀"
SEPARATORS = (" ",) * 20 + ("\n",) * 4 + ("\n\n", "\n \n", "...", "", "  ", "\t", ". ", ".\n", '."\n', "…\n", "....\n")


def random_document(draws: random.Random) -> str:
    language = draws.choice(list(STOP_WORDS.values())).split()
    letters = draws.choice(("ab", "abcdefgh", ODD + "abc"))
    words = ["".join(draws.choices(letters, k=draws.randint(1, 9))) for _ in range(draws.randint(1, 12))]
    words += draws.sample(language, 3)
    if draws.random() < 0.3:
        words += [draws.choice((str.upper, str.title, str))(draws.choice(list(PHRASES)))]
    if draws.random() < 0.02:
        words.append("x" * draws.randint(999, 1002))
    pieces = draws.choices(words, k=draws.randint(0, 60))
    text = "".join(piece + draws.choice(SEPARATORS) for piece in pieces)
    return text * draws.choice((1, 1, 1, 2, 3))
