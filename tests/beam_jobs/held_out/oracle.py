"""N-grams of folded words as sets of tuples."""

from tests.beam_jobs.duplicates.oracle import folded_words


def ngrams(text: str, size: int, least: int) -> set[tuple[str, ...]]:
    words = folded_words(text)
    if len(words) < size:
        return {tuple(words)} if len(words) >= least else set()
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def windows(text: str, lengths: set[int]) -> list[tuple[str, ...]]:
    """All n-grams of these lengths, in the order of their last words, the shorter first."""
    words = folded_words(text)
    return [
        tuple(words[end - length : end])
        for end in range(1, len(words) + 1)
        for length in sorted(lengths)
        if end >= length
    ]
