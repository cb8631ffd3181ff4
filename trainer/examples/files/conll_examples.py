"""Words with tags, from files with a word a line (CoNLL and CoNLL-U)."""

from collections.abc import Callable
from functools import partial

from beam_jobs.errors import UserError
from trainer.examples.example import Examples, Place, Purpose, WordsExample
from trainer.examples.files.column_settings import ColumnSettings, column_number
from trainer.examples.files.conll_sentences import Sentence, read_sentences
from trainer.examples.files.ids import with_distinct_ids
from trainer.examples.files.lines import ending_of
from trainer.examples.tags import require_entity_tags

CONLLU = ".conllu"
CONLL_ENDINGS = (".conll", CONLLU, ".bio", ".iob", ".tsv", ".txt")

_FORM, _MISC = 1, 9
_NAMED = {"upos": 3, "xpos": 4, "deprel": 7}
_OF_MISC = "misc:"
_EMPTY = "_"  # a column of CoNLL-U without a value

_TagOf = Callable[[tuple[str, ...], Place], str]


def read_conll(uri: str, columns: ColumnSettings, purpose: Purpose) -> Examples[WordsExample]:
    """The sentences of a file. Their ids are their numbers from 1, or the `sent_id` of CoNLL-U.

    To predict, a file with words alone is taken too, and a sentence that lacks a tag has none.

    Raises UserError for a file that `read_sentences` refuses, a setting that names no column of it, an empty word, a
    missing tag, and tags of which some are in IOB form and others not.
    """
    conllu, labelled = ending_of(uri) == CONLLU, purpose != "predict"
    sentences, remarks = read_sentences(uri, conllu)
    width = len(sentences[0].cells[0])
    word = _FORM if conllu else _index(columns.tokens_column, 1, width, uri, "tokens_column")
    tag_of = None if width == 1 and not labelled else _tag_reader(uri, columns.tag_column, conllu, width, word)
    named = conllu and all(sentence.id for sentence in sentences)
    found, tagged = [], []
    for number, sentence in enumerate(sentences, 1):
        words = tuple(_word(cells[word], Place(uri, line)) for line, cells in _rows(sentence))
        tags = _tags(sentence, tag_of, uri, labelled)
        name = sentence.id if named else str(number)
        found.append(WordsExample(name, words, tags, sentence.place))
        places = (Place(uri, line) for line in sentence.lines)
        tagged += list(zip(words, tags, places, strict=True)) if tags else []
    require_entity_tags(tagged)
    return with_distinct_ids(found, purpose, remarks)


def _rows(sentence: Sentence) -> list[tuple[int, tuple[str, ...]]]:
    return list(zip(sentence.lines, sentence.cells, strict=True))


def _word(cell: str, place: Place) -> str:
    if not cell.strip():
        raise UserError(f"{place}: the word is empty; remove the line")
    return cell


def _tags(sentence: Sentence, tag_of: _TagOf | None, uri: str, labelled: bool) -> tuple[str, ...] | None:
    if tag_of is None:
        return None
    tags = tuple(tag_of(cells, Place(uri, line)) for line, cells in _rows(sentence))
    if "" not in tags:
        return tags
    if labelled:
        line = sentence.lines[tags.index("")]
        raise UserError(f"{uri}:{line}: the word has no tag; add it, or name another column by --tag_column")
    return None


def _tag_reader(uri: str, setting: str, conllu: bool, width: int, word: int) -> _TagOf:
    setting = setting or ("upos" if conllu else "")
    if conllu and setting.startswith(_OF_MISC):
        return partial(_misc, setting.removeprefix(_OF_MISC))
    if conllu and setting in _NAMED:
        return partial(_cell, _NAMED[setting])
    index = _index(setting, -1, width, uri, "tag_column")
    if index == word:
        raise UserError(f"{uri}: column {index + 1} holds the words, not tags; name another by --tag_column")
    return partial(_cell, index)


def _cell(index: int, cells: tuple[str, ...], place: Place) -> str:
    return "" if cells[index] == _EMPTY else cells[index].strip()


def _misc(name: str, cells: tuple[str, ...], place: Place) -> str:
    for part in cells[_MISC].split("|"):
        key, _, value = part.partition("=")
        if key == name:
            return value
    return ""


def _index(setting: str, default: int, width: int, uri: str, option: str) -> int:
    number = column_number(setting, default)
    if number is None:
        kinds = "a number, or for .conllu upos, xpos, deprel or misc:NAME" if option == "tag_column" else "a number"
        raise UserError(f"--{option} {setting} is no column of {uri}; name {kinds}")
    if not -width <= number <= width or number == 0:
        raise UserError(f"{uri}: has {width} columns, but --{option} is {number}; name one from 1 to {width}")
    return number - 1 if number > 0 else number % width
