from beam_jobs.faults.language_notes import OTHERS
from beam_jobs.faults.language_table import NONE_DECLARED, count_declared, most_frequent_first, table_lines


def test_declared_names_become_codes_and_anything_else_is_counted_together():
    pairs = {("Norwegian", "nb"): 2, ("no", "nn"): 1, ("nob_Latn", "nb"): 3, ("", "sv"): 4, ("a page's title", "da"): 5}
    assert count_declared(pairs) == {"nb": {"nb": 5, "nn": 1}, NONE_DECLARED: {"sv": 4}, OTHERS: {"da": 5}}
    assert sum(sum(row.values()) for row in count_declared(pairs).values()) == 15


def test_a_million_names_take_no_room():
    table = count_declared({(f"title {i}", "nb"): 1 for i in range(1000)})
    assert table == {OTHERS: {"nb": 1000}}


def test_the_most_frequent_come_first():
    table = most_frequent_first({"da": {"da": 1}, "nb": {"da": 1, "nb": 5, "nn": 5}, "sv": {"sv": 11}})
    assert [(name, list(row)) for name, row in table.items()] == [
        ("nb", ["nb", "nn", "da"]),
        ("sv", ["sv"]),
        ("da", ["da"]),
    ]


def test_users_are_told_of_documents_in_another_language_than_they_declare():
    table = {"nb": {"nb": 4263, "nn": 81, "(unsure)": 3, "sv": 1}, NONE_DECLARED: {"da": 7}, OTHERS: {"en": 9}}
    (line,) = table_lines(table, "off")
    assert line.startswith(
        "82 of 4,364 documents are in another language than they declare: declared nb, detected nn (81), nb, detected sv (1);"
    )
    assert line.endswith("--detect_language override goes by the detected one")
    (line,) = table_lines(table, "override")
    assert line.endswith("the detected language chose the rules that cut them")
    assert table_lines({"nb": {"nb": 3, "(unsure)": 9}}, "fill") == []
    assert table_lines({}, "off") == []
