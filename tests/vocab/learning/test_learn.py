import random
import subprocess
import sys
from collections import Counter
from pydoc_data.topics import topics

import pytest

from beam_jobs.errors import UserError
from vocab.basic_tokenizer import split_words
from vocab.learning.learn import learn_wordpiece
from vocab.lint import why_unreachable
from vocab.vocabulary import SPECIAL_PIECES, parse_vocabulary


@pytest.fixture(scope="module")
def counts():
    """Words of real English text."""
    return dict(Counter(word for text in topics.values() for word in split_words(text, lower_case=False)))


def test_merges_the_most_frequent_pair_first():
    learned = learn_wordpiece({"hus": 10, "huset": 5, "mus": 3, "e": 1}, vocab_size=100, min_frequency=2)
    single = ["e", "h", "m", "s", "t", "u"]
    assert learned.alphabet == tuple(single)
    singles = [*SPECIAL_PIECES, *single, *(f"##{c}" for c in single)]
    assert learned.pieces[: len(singles)] == tuple(singles)
    # u-s 18; then h-us 15; then the tie of hus-e, e-t (5) goes to the pair with the lower ids
    assert learned.pieces[len(singles) :] == ("##us", "hus", "##et", "huset", "mus")


def test_as_the_hugging_face_trainer_with_the_same_ids(counts):
    """Byte for byte. The trainer gives ids, which break ties, in a random order unless it is told them: as special tokens."""
    tokenizers = pytest.importorskip("tokenizers")
    learned = learn_wordpiece(counts, vocab_size=3000, min_frequency=2)
    singles = [*SPECIAL_PIECES, *learned.alphabet, *(p for p in learned.pieces if p.startswith("##") and len(p) == 3)]
    trainer = tokenizers.trainers.WordPieceTrainer(
        vocab_size=3000, min_frequency=2, special_tokens=singles, show_progress=False
    )
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    tokenizer.train_from_iterator((" ".join([word] * count) for word, count in counts.items()), trainer)
    theirs = tokenizer.get_vocab()
    assert sorted(theirs, key=theirs.__getitem__) == list(learned.pieces)


def test_order_of_the_counts_does_not_matter(counts):
    shuffled = list(counts.items())
    random.Random(3).shuffle(shuffled)
    assert learn_wordpiece(dict(shuffled), 2000) == learn_wordpiece(counts, 2000)


def test_the_same_in_every_process():
    program = (
        "from vocab.learning.learn import learn_wordpiece; import hashlib\n"
        "counts = {a + b + c: (7 * i) % 13 + 1 for i, (a, b, c) in "
        "enumerate((a, b, c) for a in 'aåbc' for b in 'deføg' for c in 'hiæj')}\n"
        "print(hashlib.sha256(learn_wordpiece(dict(sorted(counts.items(), key=hash)), 150).to_text().encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_the_text_is_a_vocabulary_of_the_size_asked_for(counts):
    vocabulary = parse_vocabulary(learn_wordpiece(counts, 1500).to_text().encode(), "vocab.txt")
    assert len(vocabulary) == 1500
    assert vocabulary.special_ids == {0, 1, 2, 3, 4}


def test_ends_when_no_pair_is_frequent_enough():
    learned = learn_wordpiece({"ab": 3, "cd": 2}, vocab_size=1000, min_frequency=3)
    assert "ab" in learned.pieces
    assert "cd" not in learned.pieces


def test_norwegian_letters_are_kept():
    learned = learn_wordpiece({"blåbærsyltetøy": 3, "Ærlig": 2, "naïve": 2}, vocab_size=200)
    assert set("åæøÆï") <= set(learned.alphabet)
    assert {"##å", "##ø", "å"} <= set(learned.pieces)


def test_punctuation_and_ideographs_never_continue_a_word():
    learned = learn_wordpiece({".": 9, "中": 5, "ab": 2}, vocab_size=200)
    assert {".", "中", "a", "##a", "##b"} <= set(learned.pieces)
    assert not {"##.", "##中"} & set(learned.pieces)


def test_rare_characters_are_left_out_and_their_words_not_learned_from():
    learned = learn_wordpiece({"ab": 5, "xb": 1, "ax": 1}, vocab_size=200, alphabet_size=2)
    assert learned.alphabet == ("a", "b")
    assert learned.words == 3
    assert learned.left_out == 2
    assert "ab" in learned.pieces


def test_single_characters_leave_room_for_merges():
    words = {chr(0x3041 + i) * 2: 50 - i % 7 for i in range(80)}
    learned = learn_wordpiece(words, vocab_size=100)
    assert len(learned.alphabet) == 23
    assert len(learned.pieces) == 5 + 2 * 23 + 23


def test_overlong_words_and_no_words():
    assert learn_wordpiece({"a" * 201: 100, "ab": 2}, vocab_size=100).words == 1
    with pytest.raises(UserError, match="no words to learn a vocabulary from"):
        learn_wordpiece({"a" * 201: 100}, vocab_size=100)
    assert learn_wordpiece({"a": 1}, vocab_size=100).pieces == (*SPECIAL_PIECES, "a", "##a")


def test_giant_counts_do_not_overflow():
    learned = learn_wordpiece({"ab": 18_000_000_000, "bc": 17_000_000_000}, vocab_size=100)
    assert learned.pieces[-2:] == ("ab", "bc")


@pytest.mark.parametrize("lower_case", [False, True])
def test_every_learned_piece_can_be_reached(lower_case):
    texts = [*list(topics.values())[:10], "東京タワー «Blåbær» naïve ΟΔΟΣ it's a+b=c \u200dx e\u0301"] * 2
    counts = Counter(word for text in texts for word in split_words(text, lower_case))
    pieces = learn_wordpiece(counts, 1000).pieces
    ordinary = [piece for piece in pieces if piece not in SPECIAL_PIECES]
    assert [piece for piece in ordinary if why_unreachable(piece, lower_case)] == []
