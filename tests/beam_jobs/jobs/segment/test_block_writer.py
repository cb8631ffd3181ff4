import io

import google_crc32c

from beam_jobs.jobs.segment.block_writer import BlockWriter, block_bytes


def test_blocks_are_whole_documents_of_one_split():
    stream = io.BytesIO()
    writer = BlockWriter(stream, 30)
    for i in range(10):
        writer.add("train" if i % 2 else "dev", [f"Setning {i}.", "Blå."])
    writer.finish()
    text = stream.getvalue()
    assert writer.written == len(text) == sum(block.bytes for block in writer.blocks)
    position = 0
    for block in writer.blocks:
        assert block.offset == position
        position += block.bytes
        documents = text[block.offset : position].decode().split("\n\n")[:-1]
        assert len(documents) == block.documents
        assert sum(len(document.split("\n")) for document in documents) == block.sentences
        assert {int(document[8]) % 2 for document in documents} == {block.split == "train"}
        assert block.bytes <= 30 or block.documents == 1
        assert block.crc32c == google_crc32c.Checksum(text[block.offset : position]).hexdigest().decode()
    assert sum(block.documents for block in writer.blocks) == 10


def test_a_large_document_is_a_block_by_itself():
    stream = io.BytesIO()
    writer = BlockWriter(stream, 30)
    for size in (3, 1000, 3):
        writer.add("default", ["x" * size])
    writer.finish()
    assert [(block.bytes, block.documents) for block in writer.blocks] == [(5, 1), (1002, 1), (5, 1)]


def test_nothing():
    stream = io.BytesIO()
    writer = BlockWriter(stream, 30)
    writer.finish()
    assert (writer.blocks, stream.getvalue()) == ([], b"")


def test_sizes():
    assert block_bytes(100e6) == 4_000_000
    assert block_bytes(10e9) == 4 << 20
    assert block_bytes(1) == 1


def test_a_block_may_be_full_to_the_last_byte():
    writer = BlockWriter(io.BytesIO(), 10)
    for _ in range(3):
        writer.add("default", ["xxx"])
    writer.finish()
    assert [(block.bytes, block.documents) for block in writer.blocks] == [(10, 2), (5, 1)]


def test_where_each_document_is():
    stream = io.BytesIO()
    writer = BlockWriter(stream, 30)
    written = [("train" if i % 3 else "dev", f"Setning {i}." + "å" * i) for i in range(20)]
    places = [(split, writer.add(split, [text])) for split, text in written]
    writer.finish()
    data = stream.getvalue()
    for (split, text), (_, place) in zip(written, places, strict=True):
        block = [block for block in writer.blocks if block.split == split][place.block]
        start = block.offset + place.begin
        assert data[start : start + len(place.text)] == place.text == f"{text}\n\n".encode()
