"""The columns of the row of counters that a document has, in their order.

A word is what white space separates; a character of a script that writes no spaces is a word of its own. A line is what
"\\n" separates, without the white space around it; empty lines are none. A paragraph is a run of lines. Two lines are
equal if their words are. "Repeated" items are those that stood in the document before. Lengths are in code points.
"""

COUNTERS = (
    "characters",
    "newlines",
    "letters",
    "digits",  # characters of category N
    "marks",  # characters of category M
    "lone_characters",  # letters, digits and marks of scripts that write no spaces
    "hashes",  # "#"
    "ellipses",  # "..." and "…"
    "braces",  # "{" and "}"
    "replacement_characters",  # U+FFFD, and invalid bytes
    "words",
    "text_words",  # words with a letter, digit or mark
    "text_word_characters",
    "alphabetic_words",  # words with a letter
    "stop_words",  # different stop words of the document's language; -1 if none are known for it
    "longest_word",  # of all words
    "lines",
    "short_lines",  # of at most SHORT_LINE characters
    "punctuated_lines",  # that end with a stop other than "…", as FineWeb counts them; no quotation mark behind it
    "bullet_lines",  # that begin with "•" or "-"
    "ellipsis_lines",  # that end with "..." or "…"
    "javascript_lines",  # in which a word begins with "javascript"
    "lorem_ipsum_lines",
    "policy_lines",  # with a phrase about cookies, terms of use or privacy
    "c4_lines",  # that C4 keeps: see count_kernel.py
    "c4_sentences",  # an estimate of the sentences in them: words that end with a stop, but at least one a line
    "repeated_lines",
    "repeated_line_characters",
    "paragraphs",
    "repeated_paragraphs",
    "repeated_paragraph_characters",
    "top_2_gram_characters",  # all occurrences of the most frequent one, the first of several; with its spaces
    "top_3_gram_characters",
    "top_4_gram_characters",
    "repeated_5_gram_characters",  # without spaces; n-grams do not overlap the repeated one before them
    "repeated_6_gram_characters",
    "repeated_7_gram_characters",
    "repeated_8_gram_characters",
    "repeated_9_gram_characters",
    "repeated_10_gram_characters",
    "confidence",  # of optical character recognition, in millionths; -1 if it is not known
)
"""The names of the columns. The n-gram columns are -1 if n-grams were not counted."""

COLUMN = {name: number for number, name in enumerate(COUNTERS)}
FIRST_NGRAM_COLUMN = COLUMN["top_2_gram_characters"]
NGRAM_COLUMNS = 9
SHORT_LINE = 30
"""Characters of a short line (FineWeb)."""
