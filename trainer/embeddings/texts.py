"""The texts of a file that vectors are asked for."""

from beam_jobs.errors import UserError
from trainer.examples.example import Examples, Place, TextExample
from trainer.examples.files.column_settings import ColumnSettings
from trainer.examples.files.lines import ending_of, read_lines, unknown_ending
from trainer.examples.files.read_table import TABLE_ENDINGS
from trainer.examples.files.text_examples import read_texts


def read_embed_texts(uri: str, columns: ColumnSettings) -> Examples[TextExample]:
    """The texts of a .txt file, one a line, or those in a column of a table; compressed or not, at any URI.

    The id of a line is its number. Empty lines are texts too, so that rows and lines stay side by side.

    Raises UserError for an ending that is not known, and for all that the readers of labelled files refuse.
    """
    if ending_of(uri) != ".txt":
        if ending_of(uri) not in TABLE_ENDINGS:
            raise unknown_ending(uri, (".txt", *TABLE_ENDINGS))
        found = read_texts(uri, columns, purpose="predict")
        if not found.examples:
            raise UserError(f"{uri}: has no texts; name a file with some")
        return found
    lines = read_lines(uri)
    texts = tuple(
        TextExample(str(number), line, None, None, None, Place(uri, number))
        for number, line in enumerate(lines.lines, 1)
    )
    empty = sum(not line.strip() for line in lines.lines)
    remarks = lines.remarks
    if empty:
        remarks = (*remarks, f"{uri}: {empty:,} of {len(texts):,} lines are empty; they are kept, as [CLS] [SEP]")
    return Examples(texts, remarks)
