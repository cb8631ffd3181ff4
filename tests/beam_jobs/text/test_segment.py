"""Each rule by example. The sentences of a case are divided by " | "; joined by spaces they are the text."""

import pytest

from beam_jobs.text.segment import segment

ANY_LANGUAGE = [
    "Ett. | To. | Tre.",
    "Virkelig? | Ja! | Hva?! | Ingen vet…",
    "«Er du der?» | «Nei.» | (Det var rart.) | Ok.",
    "“Yes!” | “No,” she said.",
    "Versjon 2.0.1 kom i fjor. | Den ligger på example.org/last.ned i dag.",
    "Ja ! | Det er rett . | Men hva ?",
    "Så ... og så . . . kom han.",
    "Dr. Berg og Mrs. Dalloway kom. | Ingen andre.",
    "J. S. Bach og C.P.E. Bach.",
    "Prisen (5,50 kr. per kg) gjelder.",
    "Er det (!) sant? | Ja (?) kanskje.",
    "Slik står det.[12] | Andre er uenige.[3][4] | Slutt.",
    "Bra.:) | Fint. :-) | Flott! ;) | Greit.",
    "Ferdig :) | Nå går vi.",
]

NORWEGIAN = [
    # abbreviations that never end a sentence, that may, and before numbers
    "Vi kjøpte bl.a. Brie og f.eks. Gouda. | Alt smakte godt.",
    "Møt opp kl. 9 på hjørnet. | Ta med niste.",
    "Se s. 12 i bd. 3, jf. NOU 1999. | Mer står i kap. 4.",
    "Frk. Lund og hr. Vik danset. | Fr. Moe så på.",
    "Vi ser på hester, kuer, sauer osv. | Deretter spiser vi.",
    "Sauer, geiter m.m. på beite. | Kuer o.l. inne.",
    "Romerne kom i år 40 f.Kr. | Så dro de.",
    "Det var brød, ost m. m. | Vi spiste alt.",
    "Det koster 3 mill. kr. | Kommunen betaler.",
    "Brua er 40 m. | Tårnet er 12 km. unna.",
    "Billetten koster kr. 500 i dag. | Det er dyrt.",
    "Saken ligger hos rgn. Berg. | Den haster.",
    "Jf. art. 12 i loven. | Det var av god art. | Det holdt.",
    # numbers
    "Vi møtes 3. mai og 4. juni. | Husk det.",
    "Kongene Olav 5. og Harald 5. var der. | Folk jublet.",
    "Han ble født i 1898. | Hun kom i 1901.",
    "Den 17. Mai var det fest. | Alle kom.",
    "IV. Sammendrag er nytt. | V. Slutt er gammelt.",
    "1. Innledning er kort. | 2. Metode er lang.",
    "2.1. Utvalg er nytt. | 2.2. Frafall er det ikke.",
    "Hun fikk 6. | Han fikk 5.",
    "Toget går 12.30. | Det er fullt.",
    # quotation marks, brackets, dialogue
    "«Kommer du?» spurte hun. | «Nei!» ropte han.",
    "«Det er sent.» | Hun gikk.",
    "Hun sa at «det holder.» | Så la hun på.",
    "(Se side 3.) | Neste sak er ny.",
    "– Hvem er det? | – Meg. | – Kom inn, sa hun.",
    "- Å nei! | - Jo.",
    '"Ja." | "Nei."',
    # initials
    "P. O. Berg og A. Lie kom. | De satt bakerst.",
    "Vi bor i oppgang B. | Det er fint der.",
    # the colon: clauses, but not labels, numbers, titles
    "Regelen er enkel: | Alle hjelper til.",
    "Han sa det slik: | «Jeg vil ikke.»",
    "Resultatet ble 4: 2 til oss. | Målene var: egg, mel og melk.",
    "Foto: Kari Nes. | Red. anm.: Innlegget er kortet ned.",
    "Vi så «Romferden: Hjem igjen» i går. | Den var lang.",
    # no stop at all: headings, captions, dialogue
    "Ny bru over elva | Det blir bygging til høsten.",
    "Ordføreren er fornøyd | - Jeg har ventet lenge på dette.",
    "Hun så Iron Man i går. | Hun så «Wild Old Men» også.",
    "Sjefen for HR. | Det holder. | Spør hr. Berg.",
    "Han jobber ved Det norske institutt på Ås.",
    "1.2 Om språket i bygda.",
    # lower case after a whole sentence; acronyms; possessives
    "Alle ble skuffet. | men vi prøver igjen.",
    "Hun jobber i NRK. | Han er i Frp. | Vi sitter på Finnegan's. | Der er det varmt.",
    "Roma nåes via Via Appia. | Det var det.",
    # ellipsis
    "Han nølte ... | Så gikk han.",
    "Hun sa ... ingenting.",
    "Boka [...] er utsolgt. (...) | Den kommer igjen.",
]
NYNORSK = [
    "Ho kom frå Vik, t.d. kjem mange derifrå. | Dei fleste reiser att.",
    "Det galdt m.a. Noreg. | Sverige venta.",
    "Eg veit det: | Han kjem ikkje.",
    "Kvifor det? | Fordi eg seier det.",
    "Stor dag i bygda | Ho fekk endeleg prisen sin.",
]

OTHERS = {
    "en": [
        "Mr. Smith met Prof. Jones at 5 p.m. in Boston. | They talked.",
        "The U.S. Army came. | It left.",
        "He works at Acme Inc. | She does not.",
        "See Fig. 3 and No. 7. | I said never. | 5 people agreed.",
        "It was Jan. 5 when he left. | Nobody saw him.",
        "There were nuts, bolts, etc. | We bought none.",
        'He cried " Come here ! " | Nobody came.',
        "A new bridge over the river | However, nobody uses it.",
        "They read What If They Come at school.",
    ],
    "da": ["Kl. 8 kom hr. Holm, bl.a. med Ulla. | De gik.", "Den 3. Maj var det slut. | Så kom sommeren."],
    "sv": ["Vi såg t.ex. Anna och dr. Berg. | De log.", "Det var bröd, smör m.m. | Sedan åt vi."],
    "de": [
        "Am 3. Oktober 1990, d.h. Mittwoch, kam Dr. Weber. | Er blieb.",
        "Der 2. Weltkrieg endete 1945. | Danach begann etwas Neues.",
        "Das gilt z. B. Montag. | Sonst nicht.",
        "Ludwig kam usw. | Dann ging er.",
        "„Komm!“, rief er. | „Nein.“ | Sie blieb.",
    ],
    "nl": ["Dhr. Jansen en mevr. De Vries kwamen. | Zij bleven.", "Hij zei: ,,Nee. | ,,Ja'', zei zij."],
    "fr": [
        "M. Dupont et Mme Durand sont là. | L'hiver aussi.",
        "Il est né en 52 av. J.-C. à Rome. | Il y mourut.",
        "Elle dit : « Non. » | Puis elle partit.",
        "Le premier est vide ; | Le second est plein.",
    ],
    "es": ["El Sr. López vive en la pág. 3. | ¿Por qué? | ¡No sé!", "Vino la Dra. Ruiz. | Se fue pronto."],
    "it": ["Il dott. Rossi e la sig.ra Bianchi, pag. 4. | L'estate finì.", "È così: | La legge dell'art. 3 vale."],
    "pt": ["O Sr. Silva e a Dra. Costa vieram. | Não ficaram.", "Era o n. 5. | Ele sabia."],
    "pl": ["Dr. Nowak, prof. Lis i in. przyszli np. Wczoraj byli tu.", "Mieszka przy ul. Długiej. | Nie lubi jej."],
    "fi": ["Klo 9 tuli prof. Laine, esim. Helsingistä. | Hän lähti.", "Tapaamme 3. Toukokuuta. | Se sopii."],
    "is": ["Hann kom kl. 9, t.d. Jón. | Það var gott.", "Sjá bls. 4. | Ég fór."],
    "ru": ["В 1998 г. Иванов и т. д. приехали.", "Он жил на ул. Ленина. | Она уехала."],
    "el": ["Ο κ. Παππάς ήρθε; | Ναι. | Έφυγε."],
    "tr": ["Prof. Kaya ve Dr. Er geldi. | Sonra gittiler.", "Onu gören o. | Sustu."],
    "ko": ["정말 맛있어요 | 다음에 또 올게요 | 감사합니다.", "그것은 중요 사항이다. | 필요 없다."],
}

UNSPACED = {
    "zh": ["他来了。|她走了！|真的吗？|“是的。”|他说。", "价格是3.5元。|好。"],
    "ja": ["雨が降った。|「傘は?」と聞いた。|「ない。」|そうか！"],
    "": ["他来了。|She left。|好"],
}

SCRIPTS = ["यह एक है। | वह दो है।", "هل أنت هنا؟ | نعم۔ | حسنا.", "ይህ ነው። | ያ ነው።"]


@pytest.mark.parametrize("language", ["nb", "nn", "da", "sv", ""])
@pytest.mark.parametrize("case", ANY_LANGUAGE)
def test_any_language(case, language):
    check(case, language)


@pytest.mark.parametrize("language", ["nb", "no"])
@pytest.mark.parametrize("case", NORWEGIAN)
def test_norwegian(case, language):
    check(case, language)


@pytest.mark.parametrize("case", NYNORSK)
def test_nynorsk(case):
    check(case, "nn")


@pytest.mark.parametrize(
    ("language", "case"), [(language, case) for language, cases in OTHERS.items() for case in cases]
)
def test_other_languages(language, case):
    check(case, language)


@pytest.mark.parametrize(
    ("language", "case"), [(language, case) for language, cases in UNSPACED.items() for case in cases]
)
def test_full_width_stops_need_no_space(language, case):
    assert segment(case.replace("|", ""), language) == case.split("|")


@pytest.mark.parametrize("case", SCRIPTS)
def test_stops_of_other_scripts(case):
    check(case, "")


def test_line_breaks_end_sentences():
    assert segment("Overskrift\nførste avsnitt. Mer\r\n\n \u2028andre\x0bavsnitt", "nb") == [
        "Overskrift",
        "første avsnitt.",
        "Mer",
        "andre",
        "avsnitt",
    ]


def test_white_space_is_collapsed():
    assert segment("  En \t to.\xa0\u2009Tre   fire. ", "nb") == ["En to.", "Tre fire."]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t\x1f\xa0\u3000", "\u2028"])
def test_nothing_but_white_space(text):
    assert segment(text, "nb") == []


def test_text_without_capitals():
    text = "det var sent. han gikk hjem kl. ti. 3. mai kom hun tilbake! «er du her?» spurte hun."
    assert segment(text, "nb") == [
        "det var sent.",
        "han gikk hjem kl. ti.",
        "3. mai kom hun tilbake!",
        "«er du her?» spurte hun.",
    ]


def test_text_in_capitals():
    text = "DET VAR SENT. HAN GIKK HJEM KL. TI. DR. BERG VENTET OSV. DET VAR ALT."
    assert segment(text, "nb") == ["DET VAR SENT.", "HAN GIKK HJEM KL. TI.", "DR. BERG VENTET OSV.", "DET VAR ALT."]


def test_the_colon_ends_a_sentence_only_where_the_language_says_so():
    text = "Regelen er enkel: Alle hjelper til."
    assert len(segment(text, "nb")) == len(segment(text, "nn")) == 2
    assert len(segment(text, "da")) == len(segment(text, "")) == 1


def test_unknown_languages_have_the_neutral_rules():
    text = "Dette kostet kr. 5. Han kom kl. Ti."
    assert segment(text, "xx-YY") == segment(text, "")


def test_the_answer_does_not_depend_on_what_was_segmented_before():
    text = "Han kom. Hun kom. Vi kom kl. Ti og gikk igjen."
    first = segment(text, "nb")
    segment("Ord. " * 200, "nb")
    assert segment(text, "nb") == first


def check(case: str, language: str) -> None:
    assert segment(case.replace(" | ", " "), language) == case.split(" | ")
