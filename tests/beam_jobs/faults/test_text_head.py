import pytest
from hypothesis import given
from hypothesis import strategies as st

from beam_jobs.faults.text_head import HEAD_BYTES, TextHead, invalid_bytes, judge_head, too_many_nuls

NORWEGIAN = "Blåbærsyltetøy på brødskiva.\n"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_a_byte_order_mark_tells_the_encoding(codec):
    assert judge_head(("\ufeff" + NORWEGIAN).encode(codec)) == TextHead(encoding=codec)
    assert "without a byte order mark" in judge_head(("en to tre fire " * 9).encode(codec)).not_text


@given(st.text(), st.integers(0, 3))
def test_utf8_is_text_wherever_it_is_cut(text, cut):
    data = (text.replace("\0", "") + "æ€😀" * 30_000).encode()[: HEAD_BYTES - cut]
    if judge_head(data).not_text:  # text that happens to begin like a PDF
        return
    assert judge_head(data) == TextHead()


def test_a_code_page_is_suspected_and_stray_bytes_are_not():
    assert judge_head((NORWEGIAN * 10).encode("latin-1")).suspected == "ISO-8859-1 or windows-1252"
    assert judge_head("I don\u2019t. ".encode("cp1252") * 10).suspected == "windows-1252"
    assert judge_head("Привет, как дела? ".encode("cp1251") * 10).suspected.startswith(
        "an encoding such as windows-1251"
    )
    assert judge_head((NORWEGIAN * 100).encode() + b"\xff\xfe\xfd" * 20).suspected == ""
    assert judge_head(b"English text.\n" * 100 + b"\xff\x80\x81\x82").suspected == ""
    assert judge_head(b"English text.\n" * 100 + b"\xff\x80\x81\x82\x83").suspected != ""


def test_binary_data_is_no_text():
    assert "gzip" in judge_head(b"\x1f\x8b\x08").not_text
    assert "binary data" in judge_head(bytes(range(256)) * 4 + bytes(100)).not_text


def test_some_nuls_are_dirt():
    assert not too_many_nuls(4, 5)
    assert too_many_nuls(5, 499)
    assert not too_many_nuls(5, 500)


@given(st.lists(st.sampled_from([b"a", "å".encode(), "€".encode(), b"\xff", b"\xe5", b"\x92"])))
def test_invalid_bytes_are_those_that_decoding_drops(parts):
    data = b"".join(parts)
    assert len(invalid_bytes(data)) == len(data) - len(data.decode("utf-8", "ignore").encode())
