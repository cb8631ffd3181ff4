import textwrap

from beam_jobs.text.segment import segment
from beam_jobs.text.wrapped_lines import join_wrapped_lines, may_be_wrapped

SENTENCES = [
    "Elva renner stille forbi den gamle mølla, og ingen husker lenger hvem som bygde den.",
    "Om våren stiger vannet så høyt at stien langs bredden forsvinner helt i noen dager.",
    "Da går barna over jordet i stedet.",
    "De kommer hjem med våte føtter og lommene fulle av småstein som de har funnet på veien.",
]


def test_wrapped_text_is_segmented_like_unwrapped_text():
    for width in (40, 55, 72, 100):
        wrapped = textwrap.fill(" ".join(SENTENCES), width)
        assert wrapped.count("\n") >= 2
        assert segment(wrapped, "nb") == SENTENCES


def test_paragraph_ends_of_wrapped_text_stay_ends():
    heading = "Ved elva"
    wrapped = heading + "\n" + textwrap.fill(" ".join(SENTENCES), 60) + "\n\n" + textwrap.fill(" ".join(SENTENCES), 60)
    assert segment(wrapped, "nb") == [heading, *SENTENCES, *SENTENCES]


def test_wrapped_in_a_language_with_capital_nouns():
    sentences = [
        "Der alte Mann am Ende der Straße hatte einen Garten voller Äpfel und Birnen, den niemand betreten durfte.",
        "Nur im Herbst stand das Tor manchmal offen, und dann liefen die Kinder hinein.",
    ]
    assert segment(textwrap.fill(" ".join(sentences), 50), "de") == sentences


def test_other_documents_keep_their_lines():
    for lines in [
        ["Brød", "Melk", "Smør", "Ost"],  # a list
        ["Ja, vi elsker dette landet,", "som det stiger frem,", "furet, værbitt over vannet,", "med de tusen hjem."],
        SENTENCES,  # one sentence a line
        ["Første linje er ganske kort", "og den andre fortsetter her"],  # too little to know
        ["", " ", ""],
        [],
    ]:
        if may_be_wrapped(lines):
            assert join_wrapped_lines(lines) == lines
        assert segment("\n".join(lines), "nb") == [line for line in lines if line.strip()]


def test_one_line_that_goes_on_is_not_enough():
    lines = [f"Den {i} setningen er omtrent like lang som de." for i in range(10, 19)]
    assert join_wrapped_lines([*lines, "Her går den ene av alle setningene videre til", "neste linje."]) == [
        *lines,
        "Her går den ene av alle setningene videre til",
        "neste linje.",
    ]
