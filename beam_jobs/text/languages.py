"""What the segmenter knows about each language: word lists and switches, read from `languages/*.json`.

A language file may hold these lists. Words are in lower case and without their final full stop.

- `never`: abbreviations that never end a sentence ("kl.", "f.eks.", "dr.");
- `seldom`: abbreviations that end one only before a frequent sentence starter ("nr. Det", not "nr. Fem");
- `maybe`: abbreviations and units that end one before any capital letter ("osv.", "m.m.", "f.Kr.", "kg.");
- `before_number`: words that are abbreviations only when a number follows ("art. 5", but "av god art. Den");
- `starters`: the words that most often open a sentence; they decide the doubtful cases;
- `unmistakable`: starters that never have a capital inside a sentence. If one with a capital follows a word without a
  stop, a heading has ended there or a stop was lost;
- `never_last`: words that do not end a sentence, so that a capital after them is a name ("ved Det norske ...");
- `title_words`: words of English titles; after a capitalised word they do not begin a new sentence ("Iron Man");
- `labels`: words that are a label before a colon ("Foto: Ola Nordmann"); such a colon does not end a sentence;
- `months`: names of months; a number with a full stop before them is a date ("3. Mai");
- `final_endings` and `not_final`: verb endings that end a sentence even without a stop (Korean), and words that only
  look as if they had one.

It may set these switches:

- `ordinals`: a small number with a full stop is an ordinal, before a capital too ("2. Weltkrieg");
- `dialogue_dash`: a dash before an unmistakable starter opens a line of dialogue ("... fulgte opp - Vi er glade");
- `title_case`: the words of titles have capitals (English), so a capital after a capitalised word proves nothing;
- `word_ordinals`: a word with a full stop may be an ordinal (Turkish), so before lower case the stop ends no sentence;
- `extra_stops`: further characters that end a sentence as ? does: ";" in Greek;
- `clause_stops`: ":" ends a sentence before a capitalised clause, ";" before a capitalised starter.

The colon in `clause_stops` follows the Norwegian and Italian treebanks, where a capitalised clause after a colon is a
sentence of its own. It cuts text of the form "label: value" too often; remove ":" from `clause_stops` to turn it off.

`common.json` is part of every language. The neutral rules consist of it alone.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from beam_jobs.console.nearest import did_you_mean
from beam_jobs.errors import UserError
from beam_jobs.text.language_names import code_of_code, code_of_name

_ABBREVIATIONS = ("never", "seldom", "maybe", "before_number")
_WORD_LISTS = (*_ABBREVIATIONS, "starters", "unmistakable", "never_last", "title_words", "labels", "months")
_SWITCHES = ("ordinals", "dialogue_dash", "title_case", "word_ordinals", "extra_stops", "clause_stops")
_KEYS = {*_WORD_LISTS, "final_endings", "not_final", *_SWITCHES}
_LONGEST_NAME = 100  # characters; a document may name anything as its language, and names are cached
_WELL_SERVED = frozenset(["zh", "ja"])  # the neutral rules suffice for them, since no abbreviation ends in their stops


@dataclass(frozen=True, eq=False)
class LanguageRules:
    """The word lists and switches of one language. `code` is "" for the neutral rules, which have no words."""

    code: str
    never: frozenset[str]
    seldom: frozenset[str]
    maybe: frozenset[str]
    before_number: frozenset[str]
    starters: frozenset[str]
    unmistakable: frozenset[str]
    never_last: frozenset[str]
    title_words: frozenset[str]
    labels: frozenset[str]
    months: frozenset[str]
    final_endings: tuple[str, ...]
    not_final: tuple[str, ...]
    ordinals: bool
    dialogue_dash: bool
    title_case: bool
    word_ordinals: bool
    extra_stops: str
    clause_stops: str
    listed: frozenset[str]  # all abbreviations: never, seldom, maybe and before_number together


def canonical_language(language: str) -> str:
    """The code of the rules for a language that is given by code or name.

    "no" and "Norwegian" give "nb"; "en-US", "en_GB" and "English" give "en"; a language without rules gives "".
    """
    code = code_of_code(language)
    if code not in known_languages():
        code = code_of_name(language)
    return code if code in known_languages() else ""


def lacks_rules(language: str) -> bool:
    """Whether a language has no rules of its own although they would help.

    This is true of "" (no language named) too.
    """
    return _lacks_rules(language[:_LONGEST_NAME])


@lru_cache(maxsize=1024)
def _lacks_rules(language: str) -> bool:
    return not canonical_language(language) and not {code_of_code(language), code_of_name(language)} & _WELL_SERVED


@lru_cache(maxsize=1)
def known_languages() -> frozenset[str]:
    """The codes of the languages that have a file of their own."""
    names = {file.name for file in _folder().iterdir() if file.name.endswith(".json")}
    return frozenset(name.removesuffix(".json") for name in names) - {"common"}


def language_rules(language: str) -> LanguageRules:
    """The rules for a language, given as users write it. Each file is read once."""
    return _rules_as_written(language[:_LONGEST_NAME])


@lru_cache(maxsize=1024)
def _rules_as_written(language: str) -> LanguageRules:
    return _rules_of_code(canonical_language(language))


@lru_cache(maxsize=64)
def _rules_of_code(code: str) -> LanguageRules:
    common, data = _read("common"), _read(code) if code else {}
    for key in sorted({*common, *data} - _KEYS):
        raise UserError(f"language {code or 'common'}: unknown key {key}{did_you_mean(key, _KEYS, before='; ')}")
    own = {
        word for name in _ABBREVIATIONS for word in data.get(name, ())
    }  # the lists of the language override the common ones
    words: dict[str, Any] = {
        name: frozenset(data.get(name, ())) | (frozenset(common.get(name, ())) - own) for name in _WORD_LISTS
    }
    return LanguageRules(
        code=code,
        final_endings=tuple(data.get("final_endings", ())),
        not_final=tuple(data.get("not_final", ())),
        ordinals=data.get("ordinals", False),
        dialogue_dash=data.get("dialogue_dash", False),
        title_case=data.get("title_case", False),
        word_ordinals=data.get("word_ordinals", False),
        extra_stops=data.get("extra_stops", ""),
        clause_stops=data.get("clause_stops", ""),
        listed=frozenset[str]().union(*(words[name] for name in _ABBREVIATIONS)),
        **words,
    )


def _read(name: str) -> dict[str, Any]:
    return json.loads((_folder() / f"{name}.json").read_text(encoding="utf-8"))


def _folder() -> Traversable:
    return files("beam_jobs.text") / "languages"
