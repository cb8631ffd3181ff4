"""In float32 gradients are compared in test_fused.py."""

from attention_case import Case, assert_equal


def test_in_bfloat16_to_its_precision():
    assert_equal(Case("padded", 40, rate=0.1, dtype="bfloat16"), "tpu", 2**-6)
