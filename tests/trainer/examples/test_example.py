from trainer.examples.example import Place


def test_a_place_is_written_as_editors_understand_it():
    assert str(Place("dev.jsonl", 3)) == "dev.jsonl:3"
