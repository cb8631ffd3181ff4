import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from beam_jobs.instances.encode import varint
from beam_jobs.instances.varint_kernel import encode_varints, write_varints

EDGES = [0, 1, 127, 128, 16383, 16384, 2**21 - 1]
values = st.lists(st.one_of(st.sampled_from(EDGES), st.integers(0, 2**21 - 1)), max_size=100)


@given(values, values)
@settings(max_examples=100, deadline=None)
def test_lists_are_written_as_protobuf_writes_varints(one, other):
    varints = np.full(len(one) + len(other) + 1, 0xEEEEEEEE, np.uint32)
    written = []
    for numbers, at in ((one, 0), (other, len(one))):
        size = encode_varints(np.array([*numbers, 7], np.int32), len(numbers), varints, at)
        out = np.full(3 + size + 3, 0xEE, np.uint8)
        assert write_varints(out, 3, varints, at, len(numbers)) == 3 + size
        assert (out[:3] == 0xEE).all()
        written.append(out[3 : 3 + size].tobytes())
    assert varints[-1] == 0xEEEEEEEE
    assert written == [b"".join(map(varint, one)), b"".join(map(varint, other))]
