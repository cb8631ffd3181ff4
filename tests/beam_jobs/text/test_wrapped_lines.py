import textwrap

import pytest

from beam_jobs.text.segment import segment
from beam_jobs.text.wrapped_lines import join_wrapped_lines, may_be_wrapped

SENTENCES = [
    "Elva renner stille forbi den gamle mølla, og ingen husker lenger hvem som bygde den.",
    "Om våren stiger vannet så høyt at stien langs bredden forsvinner helt i noen dager.",
    "Da går barna over jordet i stedet.",
    "De kommer hjem med våte føtter og lommene fulle av småstein som de har funnet på veien.",
]


def test_wrapped_text_is_segmented_like_unwrapped_text():
    for width in (30, 40, 55, 72, 100):
        wrapped = textwrap.fill(" ".join(SENTENCES), width)
        assert wrapped.count("\n") >= 2
        assert segment(wrapped, "nb") == SENTENCES


def test_paragraph_ends_of_wrapped_text_stay_ends():
    heading = "Ved elva"
    wrapped = heading + "\n" + textwrap.fill(" ".join(SENTENCES), 60) + "\n\n" + textwrap.fill(" ".join(SENTENCES), 60)
    assert segment(wrapped, "nb") == [heading, *SENTENCES, *SENTENCES]


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["no_blank_line", "blank_line"])
@pytest.mark.parametrize("width", [45, 60, 72, 80])
def test_short_wrapped_paragraphs(width, gap):
    paragraphs = [textwrap.fill(sentence, width) for sentence in SENTENCES]
    assert segment(gap.join(paragraphs), "nb") == SENTENCES


def test_one_short_wrapped_paragraph():
    for sentence in (SENTENCES[0], SENTENCES[3]):
        assert segment(textwrap.fill(sentence, 60), "nb") == [sentence]
    assert segment("Det var ingen som visste hvor den gamle mannen hadde\nkommet fra.", "nb") == [
        "Det var ingen som visste hvor den gamle mannen hadde kommet fra."
    ]


def test_lines_of_140_characters():
    assert segment(textwrap.fill(" ".join(SENTENCES * 2), 140), "nb") == SENTENCES * 2


def test_lines_of_a_scan_are_not_equally_long():
    lines = [
        "Den gamle læreren hadde i mange år samlet",
        "på alt han kom over av brev og papirer fra",
        "tiden før krigen, og nå fylte de en hel",
        "vegg. Ingen andre i bygda hadde maken. Da",
        "han døde, kom det folk fra universitetet og",
        "hentet alt.",
    ]
    assert join_wrapped_lines(lines) == [" ".join(lines)]


def test_a_word_that_was_divided_at_a_line_end():
    lines = ["Den gamle læreren hadde i mange år sam-", "let på alt han kom over av brev og papi-", "rer fra tiden."]
    assert join_wrapped_lines(lines) == [" ".join(lines)]


def test_wrapped_in_a_language_with_capital_nouns():
    sentences = [
        "Der alte Mann am Ende der Straße hatte einen Garten voller Äpfel und Birnen, den niemand betreten durfte.",
        "Nur im Herbst stand das Tor manchmal offen, und dann liefen die Kinder hinein.",
    ]
    for width in (36, 50, 72):
        assert segment(textwrap.fill(" ".join(sentences), width), "de") == sentences


def test_wrapped_in_a_script_without_capitals():
    text = "ეს არის გრძელი წინადადება, რომელიც რამდენიმე ხაზზეა დაწერილი და რომელსაც არ აქვს დიდი ასოები. " * 4
    wrapped = textwrap.fill(text, 60)
    assert join_wrapped_lines(wrapped.split("\n")) == [text.strip()]


VERSE = {
    "nb": ["Ja, vi elsker dette landet,", "som det stiger frem,", "furet, værbitt over vannet,", "med de tusen hjem."],
    "it": [  # verses of eleven syllables, which are about equally long
        "Nel mezzo del cammin di nostra vita",
        "mi ritrovai per una selva oscura,",
        "ché la diritta via era smarrita.",
        "Ahi quanto a dir qual era è cosa dura",
        "esta selva selvaggia e aspra e forte",
        "che nel pensier rinova la paura!",
        "Tant' è amara che poco è più morte;",
        "ma per trattar del ben ch'i' vi trovai,",
        "dirò de l'altre cose ch'i' v'ho scorte.",
    ],
    "en": [
        "Shall I compare thee to a summer's day?",
        "Thou art more lovely and more temperate:",
        "rough winds do shake the darling buds of May,",
        "and summer's lease hath all too short a date;",
    ],
    "de": [
        "Hab ich den Markt und die Straßen doch nie so einsam gesehen!",
        "Ist doch die Stadt wie gekehrt! wie ausgestorben! Nicht funfzig,",
        "Deucht mir, blieben zurück von allen unsern Bewohnern.",
        "Was die Neugier nicht tut! So rennt und läuft nun ein jeder,",
    ],
}
OTHERS = {
    "list": ["Brød", "Melk", "Smør", "Ost"],
    "list_in_small_letters": ["hvetemel", "melk og smør", "to egg fra frittgående høner på gården", "litt salt"],
    "bullets": [
        "- hvordan vi skal få flere til å lese bøker på norsk",
        "- hvorfor det er viktig at barna lærer å lese tidlig",
        "- hva bibliotekene kan gjøre for de som ikke leser mye",
    ],
    "headlines": [
        "Regjeringen vil gi mer penger til skolene i nord",
        "iPhone selger bedre enn noen gang før i Norge",
        "Ti personer skadet i ulykke på E6 ved Hamar",
        "Slik blir været i helgen over hele landet",
    ],
    "address": ["Nasjonalbiblioteket", "Henrik Ibsens gate 110", "0255 Oslo", "postboks 2674 Solli"],
    "table_in_small_letters": [
        "navn            alder     by",
        "kari nordmann   34        oslo",
        "ola nordmann    36        bergen",
    ],
    "table": ["Navn            Alder     By", "Kari Nordmann   34        Oslo", "Ola Nordmann    36        Bergen"],
    "a_sentence_a_line": SENTENCES,
    "free_verse": [
        "jeg gikk ut i natten",
        "og så at stjernene var borte",
        "som om noen hadde slukket dem",
        "én etter én",
    ],
    "too_little_to_know": ["Første linje er ganske kort", "og den andre fortsetter her"],
    "blank": ["", " ", ""],
    "nothing": [],
}


@pytest.mark.parametrize("lines", [*VERSE.values(), *OTHERS.values()], ids=[*VERSE, *OTHERS])
def test_other_documents_keep_their_lines(lines):
    assert join_wrapped_lines(lines) == lines


def test_a_break_between_two_spaces_was_not_made_by_wrapping():
    lines = ["Her står det et linjeskift som forfatteren selv har satt ", " mellom to ord."]
    assert join_wrapped_lines(lines) == lines
    assert len(join_wrapped_lines([line.strip() for line in lines])) == 1


def test_a_list_in_wrapped_text_keeps_its_items():
    prose = textwrap.fill(" ".join(SENTENCES), 50).split("\n")
    items = [
        "- den som kommer først til mølla og får malt korn",
        "- den som venter lenge",
        "- den som kommer hjem med våte føtter hver dag",
    ]
    joined = join_wrapped_lines([*prose, "", *items])
    assert joined == [" ".join(SENTENCES), "", *items]


def test_verse_in_wrapped_text_keeps_its_lines():
    prose = textwrap.fill(" ".join(SENTENCES), 60).split("\n")
    assert join_wrapped_lines([*prose, "", *VERSE["nb"]]) == [" ".join(SENTENCES), "", *VERSE["nb"]]


def test_one_line_that_goes_on_is_not_enough():
    lines = [f"Den {i} setningen er omtrent like lang som de." for i in range(10, 19)]
    assert join_wrapped_lines([*lines, "Her går den ene av alle setningene videre til", "neste linje."]) == [
        *lines,
        "Her går den ene av alle setningene videre til",
        "neste linje.",
    ]


def test_the_quick_test_passes_all_wrapped_text_and_hardly_any_other():
    wrapped = textwrap.fill(" ".join(SENTENCES), 60)
    assert may_be_wrapped(wrapped, wrapped.count("\n") + 1)
    indented = textwrap.indent(wrapped, "  ").replace("\n", "\r\n")
    assert may_be_wrapped(indented, indented.count("\n") + 1)
    assert not may_be_wrapped("\n".join(SENTENCES), len(SENTENCES))  # no sentence goes on after a break
    assert not may_be_wrapped(wrapped + " ord" * 1000, wrapped.count("\n") + 1)  # lines are too long
    assert not may_be_wrapped("ord", 1)
