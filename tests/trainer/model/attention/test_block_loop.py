from trainer.model.attention.block_loop import over_blocks


def test_the_only_block_is_computed_whatever_the_bounds_say():
    assert over_blocks(1, 0, 0, lambda i, carried: [*carried, i], []) == [0]


def test_several_blocks_from_the_first_to_before_the_last():
    assert int(over_blocks(4, 1, 3, lambda i, carried: carried * 10 + i, 0)) == 12
