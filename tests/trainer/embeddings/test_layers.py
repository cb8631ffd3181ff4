import pytest

from beam_jobs.errors import UserError
from trainer.embeddings.layers import chosen_layers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("-1", (12,)),
        ("0", (0,)),
        ("-4:-1", (9, 10, 11, 12)),
        ("-1,-2", (12, 11)),
        ("0, 5:6,-13", None),
        ("0,5:6", (0, 5, 6)),
        ("all", tuple(range(13))),
    ],
)
def test_layers_count_from_the_embeddings_or_from_the_last(text, found):
    if found is None:
        with pytest.raises(UserError, match="names layer 0 twice"):
            chosen_layers(text, 12)
    else:
        assert chosen_layers(text, 12) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("13", "there is no layer 13; the model has 12, and 0 for the embeddings: name -13 to 12"),
        ("-14", "there is no layer -14"),
        ("last", "'last' is no layer; write -1, -4:-1, 0,6 or all"),
        ("1,,2", "'' is no layer"),
        ("-1:-4", "-1:-4 runs backwards; write the lower layer first"),
    ],
)
def test_mistakes_are_one_line(text, said):
    with pytest.raises(UserError) as error:
        chosen_layers(text, 12)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
