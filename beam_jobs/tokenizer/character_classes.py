"""Tables for the kernel that say what the BERT tokenizer does with each code point, from Python's own `unicodedata`.

`vocab.characters` has the same rules for one character. The tables are made for all characters at once, which is
faster.
"""

import functools
import unicodedata
from typing import NamedTuple

import numpy as np

from vocab.characters import ASCII_PUNCTUATION, CJK_BLOCKS

CODE_POINTS = 0x110000

# The low three bits of an entry of `classes`: the kind of the character.
KIND = 7
WORD, REMOVED, SPACE, PUNCTUATION, CJK = 0, 1, 2, 3, 4
# Flags beside the kind.
STRIPPED = 8  # str.strip() removes it, so a line of such characters is blank
MAPPED = 16  # lower-casing or accent stripping replaces it by `mapped[mapped_start[c]:]`
CONTEXT = 32  # its lower case depends on its neighbours, so the plain-Python tokenizer handles it

_CAPITAL_SIGMA = "\u03a3"


class CharacterTables(NamedTuple):
    """Read-only arrays over all code points, shared by every tokenizer of the process."""

    classes: np.ndarray  # uint8 [0x110000], a kind and flags
    mapped_start: np.ndarray  # int32 [0x110000], an offset into `mapped` for a MAPPED character
    mapped: np.ndarray  # int32; at each offset the number of code points, then these code points


@functools.lru_cache(maxsize=2)
def character_tables(lower_case: bool) -> CharacterTables:
    """The tables of a cased or a lower-casing tokenizer. They take about 0.2 s to make and are then kept."""
    names = "".join(map(unicodedata.category, map(chr, range(CODE_POINTS)))).encode()
    categories = np.frombuffer(names, np.uint8).reshape(CODE_POINTS, 2)
    major, minor = categories[:, 0], categories[:, 1]
    classes = np.zeros(CODE_POINTS, np.uint8)
    classes[major == ord("P")] = PUNCTUATION
    classes[[ord(c) for c in ASCII_PUNCTUATION]] = PUNCTUATION
    controls = (major == ord("C")) & ((minor == ord("c")) | (minor == ord("f")))
    classes[controls] = REMOVED
    classes[[0, 0xFFFD]] = REMOVED
    for first, last in CJK_BLOCKS:
        classes[first : last + 1] = CJK
    classes[major == ord("Z")] = SPACE  # BERT turns Zs into spaces, and str.split() cuts at Zl and Zp
    classes[[ord(c) for c in "\t\n\r"]] = SPACE
    may_be_space = np.flatnonzero(controls | (major == ord("Z")))
    classes[[c for c in may_be_space.tolist() if chr(c).isspace()]] |= STRIPPED

    mapped_start = np.zeros(CODE_POINTS, np.int32)
    mapped = [0]  # offset 0: replaced by nothing
    if lower_case:
        kinds = classes & KIND
        assigned = (major != ord("C")) & (kinds != SPACE) & (kinds != REMOVED)
        for code_point in np.flatnonzero(assigned).tolist():
            character = chr(code_point)
            decomposed = unicodedata.normalize("NFD", character.lower())
            kept = [c for c in decomposed if unicodedata.category(c) != "Mn"]
            if character == _CAPITAL_SIGMA or any(unicodedata.combining(c) for c in kept):
                # A final sigma is known by its neighbours; a combining character that is not stripped may be
                # reordered among them.
                classes[code_point] |= CONTEXT
            elif kept != [character]:
                classes[code_point] |= MAPPED
                if kept:
                    mapped_start[code_point] = len(mapped)
                    mapped += [len(kept), *map(ord, kept)]
    tables = CharacterTables(classes, mapped_start, np.array(mapped, np.int32))
    for table in tables:
        table.setflags(write=False)
    return tables
