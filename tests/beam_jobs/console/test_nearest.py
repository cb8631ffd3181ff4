from beam_jobs.console.nearest import did_you_mean, nearest_name

KNOWN = ("hidden_size", "num_hidden_layers", "Text")


def test_the_nearest_name_whatever_its_case_and_dashes():
    assert nearest_name("num_hidden_layer", KNOWN) == "num_hidden_layers"
    assert nearest_name("NUM-HIDDEN-LAYERS", KNOWN) == "num_hidden_layers"
    assert nearest_name("text", KNOWN) == "Text"
    assert nearest_name("-a-", ["_a_"]) == "_a_"
    assert nearest_name("zzz", KNOWN) == ""
    assert nearest_name("", KNOWN) == ""


def test_the_end_of_a_message():
    assert did_you_mean("hiden_size", KNOWN, before="; ", otherwise="no idea") == "; did you mean hidden_size?"
    assert did_you_mean("zzz", KNOWN, before="; ", otherwise="no idea") == "no idea"
