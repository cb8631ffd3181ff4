"""Stop words: the words that running text of a language cannot do without, by which lists and menus are told from it.

Gopher (Rae et al. 2021, appendix A1.1) asks for two of eight English words. Those of other languages are their most
frequent function words. A language without a list (Korean attaches its particles to words) is not judged.
"""

import functools
from collections.abc import Collection

import numpy as np

from beam_jobs.text.language_names import code_of_code, code_of_name

STOP_WORDS = {
    "da": "og i at det er en til af på den med som for ikke",
    "de": "der die das und in zu den ist nicht mit von ein eine sich",
    "el": "και το να η του της ο με για που την τα στο δεν",
    "en": "the be to of and that have with",
    "es": "de la que el en y a los se del las por un con",
    "fi": "ja on ei että se oli hän mutta kun myös tai joka ovat niin",
    "fr": "de la le et les des en un une du que est dans pour",
    "is": "og að í á er sem til við um en var ekki það með",
    "it": "di e che la il un a per in una non del sono con",
    "nb": "og i det er på en til som av for at med ikke den",
    "nl": "de het een van en in is dat op te zijn met voor niet",
    "nn": "og i det er på ein til som av for at med ikkje den",
    "pl": "i w na z do nie się to że jest o jak po od",
    "pt": "de a o que e do da em um para com não uma os",
    "ru": "и в не на что с он как это по но к из за",
    "sv": "och i att det är en på som för av med den till inte",
    "tr": "ve bir bu da de için ile çok gibi daha olan ne ama en",
}
"""The stop words by language, in lower case; a word with a capital initial counts too."""

NO_STOP_WORDS = 0
"""The row of a language without a list."""

SLOTS = 512
SEED, FACTOR = 0xCBF29CE484222325, 0x9E3779B97F4A7C15
_MASK = 2**64 - 1


def word_hash(word: str) -> int:
    """The 64-bit hash of a word, as `count_kernel` computes it; never 0, which marks an empty slot."""
    value = SEED
    for character in word:
        value = (value ^ ord(character)) * FACTOR & _MASK
    return (value ^ value >> 32) or 1


@functools.lru_cache(maxsize=1024)  # a document may name anything as its language
def stop_word_row(language: str) -> int:
    """The row of `stop_word_tables` for a language, given as a code or a name; NO_STOP_WORDS if it has no list."""
    code = code_of_name(language) or code_of_code(language)
    return list(STOP_WORDS).index(code) + 1 if code in STOP_WORDS else NO_STOP_WORDS


@functools.cache
def stop_word_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hash tables without collisions: hashes and numbers, uint64 [languages + 1, SLOTS], and shifts, uint64 [languages + 1].

    The hash of a word stands in the slot of its lowest bits after the shift, and an empty slot holds 0, which is the hash
    of no word. Both spellings of a word have the same number, from 0 to 63. The arrays are read-only.
    """
    hashes = np.zeros((len(STOP_WORDS) + 1, SLOTS), np.uint64)
    numbers, shifts = np.zeros_like(hashes), np.zeros(len(hashes), np.uint64)
    for row, words in enumerate(STOP_WORDS.values(), start=1):
        spellings = [(word, word.capitalize()) for word in words.split()]
        number_of = {word_hash(word): number for number, pair in enumerate(spellings) for word in pair}
        shifts[row] = shift = _shift_without_collision(number_of)
        for value, number in number_of.items():
            hashes[row, (value >> shift) % SLOTS] = value
            numbers[row, (value >> shift) % SLOTS] = number
    for array in (hashes, numbers, shifts):
        array.setflags(write=False)
    return hashes, numbers, shifts


def _shift_without_collision(values: Collection[int]) -> int:
    for shift in range(56):  # with 34 words, one in three has none
        if len({(value >> shift) % SLOTS for value in values}) == len(values):
            return shift
    raise AssertionError("no shift leaves every stop word a slot of its own: make more slots")
