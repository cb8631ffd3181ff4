import pytest

from beam_jobs.dehyphenation.mend_texts import mend_texts
from beam_jobs.dehyphenation.word_counts import WordCounter

CORPUS = (
    "Oppmerksomhet og oppmerksomhet er interessante, og interessante saker står i e-post, e-post og e-post. "
    "Epost og epost. Bergens-området og bergens-området er i nord og nord, på kysten og på land. "
    "En avkledning og en avkledning, sørlige og sørlige. Sommer og sommer med leir og leir. Området, Bergens og Bergens. "
    "NRK og NRK. Norge og Norge. Norsk og norsk, norsk-svensk, norsk-dansk, norsk-tysk, norsk-fransk, litauisk og litauisk. "
    "Men men men og og og og og i i i."
)


@pytest.fixture(scope="module")
def words():
    counter = WordCounter()
    counter.add(CORPUS)
    return counter.finish()


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("stor opp-\nmerksomhet her", "stor oppmerksomhet her"),
        ("stor opp- \n merksomhet her", "stor oppmerksomhet her"),
        ("stor opp-\r\nmerksomhet her", "stor oppmerksomhet her"),
        ("stor opp¬\nmerksomhet her", "stor oppmerksomhet her"),
        ("stor opp‐\nmerksomhet her", "stor oppmerksomhet her"),
        ("OPP-\nMERKSOMHET", "OPPMERKSOMHET"),
        ("en e-\npost til", "en e-post til"),
        ("hele Bergens-\nområdet er", "hele Bergens-området er"),
        ("en NRK-\nsjef kom", "en NRK-sjef kom"),
        ("en norsk-\nlitauisk sak", "en norsk-litauisk sak"),
        ("nord-\nog sørlige", "nord-\nog sørlige"),
        ("en ukjentopp-\ndeling", "en ukjentoppdeling"),
        ("Norge-\nSverige", "Norge-\nSverige"),
        ("en b2b-\nkunde", "en b2b-\nkunde"),
        ("han kom -\nog gikk", "han kom -\nog gikk"),
        ("slutt-\n\nny side", "slutt-\n\nny side"),
        ("opp-\nmerk-\nsomhet", "oppmerksomhet"),
        ("slutt-", "slutt-"),
        ("-\nmerk", "-\nmerk"),
    ],
    ids=range(19),
)
def test_words_at_line_ends(words, text, mended):
    for everywhere in (False, True):
        assert mend_texts([text], words, everywhere).texts == [mended]


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("stor opp- merksomhet her", "stor oppmerksomhet her"),
        ("interessa- nte saker", "interessante saker"),
        ("en e- post til", "en e-post til"),
        ("nord- og sørlige deler", "nord- og sørlige deler"),
        ("på- og avkledning", "på- og avkledning"),
        ("sommer- leir", "sommer- leir"),
        ("Norge- Sverige", "Norge- Sverige"),
        ("et ukjentopp- delt", "et ukjentoppdelt"),
    ],
    ids=range(8),
)
def test_words_in_a_line(words, text, mended):
    assert mend_texts([text], words, True).texts == [mended]
    assert mend_texts([text], words, False).texts == [text]


def test_what_was_done_is_counted(words):
    texts = [
        "ingenting",
        "opp-\nmerksomhet, opp-\nmerksomhet",
        "",
        "e-\npost",
        "nord-\nog",
        "Opp-\nmerksomhet til slutt",
    ]
    found = mend_texts(texts, words, False)
    assert (found.joined, found.hyphenated, found.kept) == (3, 1, 1)
    assert found.texts[1] == "oppmerksomhet, oppmerksomhet"
    assert found.texts[5] == "Oppmerksomhet til slutt"
    assert mend_texts(["uten"], words, True).texts == ["uten"]


def test_texts_without_any_words_known():
    empty = WordCounter().finish()
    assert mend_texts(["opp-\nmerksomhet og på- og av"], empty, True).texts == ["oppmerksomhet og på- og av"]


def test_time_is_linear(words):
    for text in ("a" * 500_000 + "-\nb", "a-\n" * 200_000, "a- " * 200_000, "-" * 500_000, "a-" * 300_000 + "\nb"):
        mend_texts([text], words, True)
