"""All rules of quality, with the thresholds that their sources publish.

They were made for English web pages, and differ from their sources in this:

- words are what white space separates, so a comma belongs to the word before it;
- lines are compared by their words, and blank ones are none; a stop word with a capital counts too;
- C4 drops single lines, then documents; here documents are judged by the lines that it would keep, and sentences are
  counted by their stops;
- a rule that needs words of letters does not judge a document in a script that writes no spaces;
- NoTram judges paragraphs: so do the OCR rules but that of confidence, if their rows are of paragraphs.
"""

from beam_jobs.quality import measures
from beam_jobs.quality.rule import Rule

GOPHER = "Gopher (Rae et al. 2021, appendix A1.1)"
FINEWEB = "FineWeb (Penedo et al. 2024)"
C4 = "C4 (Raffel et al. 2020, section 2.2)"
NOTRAM = "NoTram (Kummervold et al. 2021), its corpus-cleaning script"
OURS = "a rule of beambert"

_TOP = {2: 0.20, 3: 0.18, 4: 0.16}
_REPEATED = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}


def _share(name: str, source: str, meaning: str, part: str, whole: str, threshold: float, below: bool = False) -> Rule:
    return Rule(name, source, meaning, measures.ratio(part, whole), threshold, below, share=True)


def _ratio(name: str, source: str, meaning: str, part: str, whole: str, threshold: float) -> Rule:
    return Rule(name, source, meaning, measures.ratio(part, whole), threshold)


def _count(name: str, source: str, meaning: str, column: str, threshold: float, below: bool = False) -> Rule:
    return Rule(name, source, meaning, measures.count(column), threshold, below)


RULES: tuple[Rule, ...] = (
    _share(
        "replacement_characters",
        OURS,
        "of whose characters more than {} are U+FFFD, which stands for lost ones",
        "replacement_characters",
        "characters",
        0.001,
    ),
    Rule(
        "few_letters",
        OURS,
        "of whose characters fewer than {} are letters",
        measures.letter_share,
        0.5,
        below=True,
        share=True,
    ),
    Rule(
        "javascript_code", OURS, "with braces, and with more than {} lines that name JavaScript", measures.code_lines, 0
    ),
    _count("c4_lorem_ipsum", C4, "with more than {} lines that hold the words lorem ipsum", "lorem_ipsum_lines", 0),
    _count("c4_braces", C4, "with more than {} braces", "braces", 0),
    _count(
        "c4_few_sentences", C4, "with fewer than {} sentences in lines that C4 keeps", "c4_sentences", 5, below=True
    ),
    _count("gopher_few_words", GOPHER, "with fewer than {} words", "text_words", 50, below=True),
    _count("gopher_many_words", GOPHER, "with more than {} words", "text_words", 100_000),
    Rule(
        "gopher_short_words",
        GOPHER,
        "whose words have fewer than {} characters on average",
        measures.mean_word,
        3,
        below=True,
    ),
    Rule(
        "gopher_long_words", GOPHER, "whose words have more than {} characters on average", measures.mean_word_or_0, 10
    ),
    _ratio("gopher_hashes", GOPHER, "with more than {} signs # for each word", "hashes", "words", 0.1),
    _ratio("gopher_ellipses", GOPHER, "with more than {} ellipses for each word", "ellipses", "words", 0.1),
    _share(
        "gopher_bullet_lines", GOPHER, "of whose lines more than {} begin with a bullet", "bullet_lines", "lines", 0.9
    ),
    _share(
        "gopher_ellipsis_lines",
        GOPHER,
        "of whose lines more than {} end in an ellipsis",
        "ellipsis_lines",
        "lines",
        0.3,
    ),
    Rule(
        "gopher_alphabetic_words",
        GOPHER,
        "of whose words fewer than {} have a letter",
        measures.alphabetic_share,
        0.8,
        below=True,
        share=True,
    ),
    Rule("gopher_stop_words", GOPHER, "with fewer than {} different stop words", measures.stop_words, 2, below=True),
    _share(
        "gopher_repeated_lines", GOPHER, "of whose lines more than {} stood before", "repeated_lines", "lines", 0.30
    ),
    _share(
        "gopher_repeated_line_characters",
        GOPHER,
        "of whose characters more than {} are in repeated lines",
        "repeated_line_characters",
        "characters",
        0.20,
    ),
    _share(
        "gopher_repeated_paragraphs",
        GOPHER,
        "of whose paragraphs more than {} stood before",
        "repeated_paragraphs",
        "paragraphs",
        0.30,
    ),
    _share(
        "gopher_repeated_paragraph_characters",
        GOPHER,
        "of whose characters more than {} are in repeated paragraphs",
        "repeated_paragraph_characters",
        "characters",
        0.20,
    ),
    *(
        _share(
            f"gopher_top_{size}_gram",
            GOPHER,
            f"of whose characters more than {{}} are in its most frequent {size}-gram of words",
            f"top_{size}_gram_characters",
            "characters",
            threshold,
        )
        for size, threshold in _TOP.items()
    ),
    *(
        _share(
            f"gopher_repeated_{size}_grams",
            GOPHER,
            f"of whose characters more than {{}} are in repeated {size}-grams of words",
            f"repeated_{size}_gram_characters",
            "characters",
            threshold,
        )
        for size, threshold in _REPEATED.items()
    ),
    _share(
        "fineweb_punctuated_lines",
        FINEWEB,
        "of whose lines fewer than {} end in a stop",
        "punctuated_lines",
        "lines",
        0.12,
        below=True,
    ),
    _share(
        "fineweb_short_lines",
        FINEWEB,
        "of whose lines more than {} have at most 30 characters",
        "short_lines",
        "lines",
        0.67,
    ),
    Rule(
        "fineweb_repeated_line_characters",
        FINEWEB,
        "of whose characters more than {} are in repeated lines",
        measures.repeated_line_share_without_newlines,
        0.01,
        share=True,
    ),
    _ratio("fineweb_newlines", FINEWEB, "with more than {} newlines for each word", "newlines", "words", 0.3),
    Rule(
        "ocr_confidence",
        NOTRAM,
        "that was recognised with a confidence below {}",
        measures.confidence,
        0.9,
        below=True,
        share=True,
    ),
    _count(
        "ocr_alphabetic_words", NOTRAM, "with fewer than {} words that have a letter", "alphabetic_words", 2, below=True
    ),
    _count("ocr_longest_word", NOTRAM, "with a word of more than {} characters", "longest_word", 25),
    _count("ocr_characters", NOTRAM, "with fewer than {} characters", "characters", 20, below=True),
    _count("ocr_braces", NOTRAM, "with more than {} braces", "braces", 0),
    _count("ocr_replacement_characters", NOTRAM, "with more than {} characters U+FFFD", "replacement_characters", 0),
)
"""In the order in which one of them is named as the reason."""


def judges_paragraphs(rule: Rule) -> bool:
    """Whether the rule is of paragraphs of recognised text, not of whole documents."""
    return rule.source == NOTRAM and rule.name != "ocr_confidence"


def needs_ngrams(rule: Rule) -> bool:
    """Whether the rule measures repeated n-grams of words."""
    return rule.name.endswith(("_gram", "_grams"))
