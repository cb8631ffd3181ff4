import pytest
from tiny_servers import post, refusal

import trainer


def test_gaps_are_filled_as_by_fill_mask(pretrained, served_folder):
    texts = ["den [MASK] var [MASK] .", "[MASK]", "[MASK] " * 10]
    status, answer = post(pretrained, "/fill_mask", {"inputs": texts, "top": 3})
    assert status == 200
    model = trainer.load(served_folder("pretrained"))
    for text, gaps in zip(texts, answer["fillings"], strict=True):
        wanted = model.fill_mask(text, 3)
        assert [[one["piece"] for one in gap] for gap in gaps] == [[one.piece for one in gap] for gap in wanted]
        found = [one["probability"] for gap in gaps for one in gap]
        assert found == pytest.approx([one.probability for gap in wanted for one in gap], abs=1e-5)


def test_a_text_without_a_gap_is_refused(pretrained):
    assert refusal(pretrained, "/fill_mask", {"inputs": ["[MASK]", "den film"]})[:2] == (422, "inputs[1]")
    assert refusal(pretrained, "/fill_mask", {"inputs": "[MASK]", "top": 51})[:2] == (422, "top")


def test_pieces_have_their_characters(pretrained):
    text = "Kari var goe [SEP]"
    _, (found,) = post(pretrained, "/tokenize", {"inputs": text})
    assert [piece["text"] for piece in found[:6]] == ["[CLS]", "Kari", "var", "g", "##o", "##e"]
    assert [piece["special"] for piece in found] == [True, *[False] * (len(found) - 2), True]
    assert [text[piece["start"] : piece["stop"]] for piece in found[1:6]] == ["Kari", "var", "g", "o", "e"]
    _, (bare,) = post(pretrained, "/tokenize", {"inputs": [text], "add_special_tokens": False})
    assert bare == found[1:-1]
