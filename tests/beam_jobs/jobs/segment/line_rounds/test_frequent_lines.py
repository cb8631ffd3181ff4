from tests.beam_jobs.jobs.segment.line_rounds.small_corpus import in_small_pieces, run_rounds, segmented


def test_the_text_of_a_line_is_read_where_it_stands(tmp_path, monkeypatch):
    """In any split and block of any range, of two sentences, not at the beginning of its document, and cut if it is long."""
    in_small_pieces(monkeypatch)
    splits = ["dev", "train", "test"] * 100
    texts = [f"Noe annet nummer {'i' * i}.\n\nKjøp blåbær nå! Ring {i % 10}\n{'Blåbær ' * 90}" for i in range(300)]
    job, rows = segmented(tmp_path, texts, splits, repeated_lines=200, shard_mb=0.05)
    assert sum(len(row["blocks"]) for row in rows) > 9
    (row,) = run_rounds(job, rows)["gathered"]
    found = {text[:20]: (len(text), documents) for text, documents in row["texts"]}
    assert found == {"Kjøp blåbær nå! Ring": (22, 300), "Blåbær Blåbær Blåbær": (100, 300)}
