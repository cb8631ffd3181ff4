from beam_jobs.decoding.special_pieces import SpecialPieces, pieces_of


def test_the_ids_of_a_vocabulary(small_vocabulary):
    assert pieces_of(small_vocabulary) == SpecialPieces(pad=0, unk=1, cls=2, sep=3, mask=4, separators=1)
