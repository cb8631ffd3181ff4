"""From tags to entities, by one rule for every scheme: IOB1, IOB2, IOBES and BILOU.

A tag is `O`, or a prefix and a type, such as `B-PER`: B begins an entity, I is inside, E (in BILOU L) is its last word, S
(in BILOU U) is an entity of one word. In IOB1, B is written only where an entity follows another of its type.

The rule: a word begins an entity if its tag is not O and it cannot go on with the word before it. That is, if the word
before is O, has another type or was the last of its entity (E, S), or if the tag itself says so (B, S). An entity goes on
until another begins or an O comes. So a tag that the scheme does not allow where it stands, such as an I- after O, begins
an entity. This is what conlleval does, the script of the CoNLL shared tasks (Tjong Kim Sang and De Meulder 2003); for
IOB1 and IOB2 the entities are the same.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SCHEMES = ("IOB1", "IOB2", "IOBES", "BILOU")
_TAG = re.compile(r"O|[BIESLU](-.*)?")
_CLOSES = frozenset("ELSU")
_OPENS = frozenset("BSU")


@dataclass(frozen=True, order=True)
class Entity:
    """Words `[first_word, last_word_exclusive)` of one example, with the type of the entity."""

    first_word: int
    last_word_exclusive: int
    type: str


def decode(tags: Sequence[str]) -> tuple[Entity, ...]:
    """The entities of one example, from the tags of its words, by the rule of this module."""
    found: list[Entity] = []
    begun, before, before_type = -1, "O", ""
    for word, tag in enumerate((*tags, "O")):
        prefix, _, type = tag.partition("-")
        begins = prefix != "O" and (before == "O" or type != before_type or prefix in _OPENS or before in _CLOSES)
        if begun >= 0 and (begins or prefix == "O"):
            found.append(Entity(begun, word, before_type))
            begun = -1
        if begins:
            begun = word
        before, before_type = prefix, type
    return tuple(found)


def decode_strict(tags: Sequence[str], scheme: str) -> tuple[Entity, ...]:
    """Those entities whose tags are the ones that the scheme has for them; seqeval calls this its strict mode.

    `scheme` is one of the `SCHEMES`. An entity that begins with a stray I- is none here, and neither is one of IOBES that
    does not end in E.
    """
    return tuple(entity for entity in decode(tags) if _legal(tags, entity, scheme))


def scheme_of(sequences: Iterable[Sequence[str]]) -> str:
    """The scheme that the gold tags of a set are written in; empty if they are no entities, such as parts of speech.

    E or S mean IOBES, L or U mean BILOU. It is IOB1 if some entity begins with I- and all stand as IOB1 has them;
    otherwise it is IOB2, and a stray I- is a slip of the annotators.
    """
    letters: set[str] = set()
    inside, outside_iob1 = False, False
    for tags in sequences:
        if not all(_TAG.fullmatch(tag) for tag in tags):
            return ""
        letters.update(tag[0] for tag in tags)
        for entity in decode(tags):
            inside = inside or tags[entity.first_word][0] == "I"
            outside_iob1 = outside_iob1 or not _legal(tags, entity, "IOB1")
    if letters & {"L", "U"}:
        return "BILOU"
    if letters & {"E", "S"}:
        return "IOBES"
    return "IOB1" if inside and not outside_iob1 else "IOB2"


def _legal(tags: Sequence[str], entity: Entity, scheme: str) -> bool:
    first, last = tags[entity.first_word][0], tags[entity.last_word_exclusive - 1][0]
    if scheme == "IOB2":
        return first == "B"
    if scheme == "IOB1":
        before, _, type = (tags[entity.first_word - 1] if entity.first_word else "O").partition("-")
        touches = before != "O" and type == entity.type
        return (first == "B") == touches
    end, single = ("E", "S") if scheme == "IOBES" else ("L", "U")
    alone = entity.last_word_exclusive - entity.first_word == 1
    return first == single if alone else (first, last) == ("B", end)
