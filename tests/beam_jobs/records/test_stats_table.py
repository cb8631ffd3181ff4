from beam_jobs.records.stats_table import Table, latex_table, markdown_table, stats_table

TOTALS = {"pieces": 900, "padding": 100, "instances": 10, "sentences": 40, "unknown": 9}


def test_a_column_for_each_split_and_how_the_instances_were_made():
    stats = {
        "counts": {
            "dev": {"num_documents": 2, "num_instances": 10},
            "train": {"num_documents": 1234, "num_instances": 7},
        },
        "splits": {"dev": TOTALS, "train": {**TOTALS, "padding": 0}},
        "totals": TOTALS,
        "max_seq_length": 128,
        "masked_lm_prob": 0.15,
        "vocabulary": {"size": 50_000},
    }
    table = stats_table(stats)
    assert table.header == ("", "train", "dev")
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["documents"] == ("1,234", "2")
    assert rows["pieces"] == ("900", "900")
    assert rows["pieces an instance"] == ("90.0", "90.0")
    assert rows["padding"] == ("0.0%", "10.0%")
    assert rows["[UNK]"] == ("1.00%", "1.00%")
    assert rows["length"] == ("", "128")
    assert rows["pieces in the vocabulary"] == ("", "50,000")


def test_sentences_tell_what_filters_left_out_the_largest_first():
    filtered = {"language": {"documents": 2}, "duplicate_near": {"documents": 30}}
    table = stats_table({"counts": {"default": {"num_documents": 5, "num_sentences": 9}}, "filtered": filtered})
    assert table.header == ("", "all")
    assert table.rows == (
        ("documents", "5"),
        ("sentences", "9"),
        ("documents left out: duplicate_near", "30"),
        ("documents left out: language", "2"),
    )


def test_a_corpus_of_one_split_has_its_totals_once():
    rows = dict(stats_table({"counts": {"default": {"num_documents": 2}}, "totals": TOTALS}).rows)
    assert rows["sentences"] == "40"


def test_what_an_older_version_did_not_count_is_left_empty():
    rows = dict(stats_table({"counts": {"default": {"num_documents": 2}}, "totals": {"pieces": 900}}).rows)
    assert (rows["sentences"], rows["pieces"], rows["pieces an instance"], rows["padding"]) == ("", "900", "", "0.0%")


def test_statistics_of_nothing():
    assert stats_table({}) == Table(("",), ())


def test_both_forms_escape_what_they_must():
    table = Table(("", "all"), (("a|b_c", "1%"),))
    assert markdown_table(table) == "|  | all |\n| --- | ---: |\n| a\\|b_c | 1% |"
    assert latex_table(table).splitlines() == [
        r"\begin{tabular}{lr}",
        r"\toprule",
        r" & all \\",
        r"\midrule",
        r"a|b\_c & 1\% \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]
