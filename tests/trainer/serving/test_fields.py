import json

import pytest

from trainer.serving.fields import (
    RequestError,
    choice_field,
    flag_field,
    number_field,
    read_fields,
    text_field,
    texts_field,
)

FIELDS = (
    texts_field("inputs", "a text, or a list of texts"),
    flag_field("truncate", "cut"),
    number_field("top", "how many", 5, 1, 50),
    choice_field("form", "which", ("float", "base64"), "float"),
    text_field("user", "not used"),
)


def read(content):
    return read_fields(content if isinstance(content, bytes) else json.dumps(content).encode(), FIELDS)


def test_values_and_defaults():
    wanted = {"inputs": ("a",), "truncate": False, "top": 5, "form": "float", "user": None}
    assert read({"inputs": "a"}) == wanted
    assert read({"inputs": ["a"], "truncate": None}) == wanted
    more = {"inputs": ["a", ""], "truncate": True, "top": 1, "form": "BASE64", "user": "u"}
    assert read(more) == {**more, "inputs": ("a", ""), "form": "base64"}


@pytest.mark.parametrize(
    ("content", "status", "field", "said"),
    [
        (b"{", 400, "", "the request is no JSON (line 1"),
        (b"\xff", 400, "", "the request is no JSON"),
        (b'{"inputs": "\\ud800"}', 400, "", "the request is no JSON"),
        ([1], 400, "", "the request is a list; send an object of inputs, truncate"),
        ({}, 422, "inputs", "inputs is missing; a text, or a list of texts"),
        ({"inputs": 3}, 422, "inputs", "inputs is a number, not text; send a string"),
        ({"inputs": ["a", None]}, 422, "inputs[1]", "inputs[1] is null, not text"),
        ({"inputs": ["a", ["b"]]}, 422, "inputs[1]", "inputs[1] is a list, not text"),
        ({"inputs": "a", "truncat": True}, 422, "truncat", "truncat is no field here; there are inputs, truncate"),
        ({"inputs": "a", "truncate": 1}, 422, "truncate", "truncate is a number; send true or false"),
        ({"inputs": "a", "top": 0}, 422, "top", "top is 0; send a whole number from 1 to 50"),
        ({"inputs": "a", "top": 2.5}, 422, "top", "top is 2.5; send a whole number"),
        ({"inputs": "a", "top": True}, 422, "top", "top is true or false; send a whole number"),
        ({"inputs": "a", "form": "int8"}, 422, "form", "form is 'int8'; send float or base64"),
        ({"inputs": "a", "form": {}}, 422, "form", "form is an object; send float or base64"),
        ({"inputs": "a", "user": 1}, 422, "user", "user is a number, not text"),
    ],
)
def test_what_is_wrong_is_named(content, status, field, said):
    with pytest.raises(RequestError) as error:
        read(content)
    assert (error.value.status, error.value.field) == (status, field)
    assert error.value.message.startswith(said)
