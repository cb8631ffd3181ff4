"""Each rule at a candidate by an example of its own, which fails when the rule is taken out.

The sentences of a case are divided by " | "; joined by spaces they are the text.
"""

import pytest

from beam_jobs.text.segment import segment

RULES = {
    "a stop after a sign or between spaces ends one": ("de", "Es waren 50 %. | Peter kam ( 3 ). | Montag kam er ."),
    "a stop after a sign ends one before a number too": ("nb", "Det var 50 %. | 5 kom."),
    "a stop in brackets of its own ends none": ("en", "It is true (!) Berlin knows. | He came [?] Berlin too."),
    "a stop in brackets after a stop does": ("en", "It is true. (!) | Berlin knows."),
    "without capitals, a closing quotation mark needs a starter": (
        "nb",
        "«kommer du?» spurte hun. | «nei.» | det var alt.",
    ),
    "a capitalised word of titles after a capitalised word": ("nb", "Hun så Wild Old Men i går."),
    "a spaced abbreviation": ("nb", "Vi reiste t. o. m. Olsen dit. | Hun drakk øl m. m. | Per ikke."),
    "a spaced abbreviation begins at a letter by itself": ("nb", "Han sa at jeg. o. l. | Per kom."),
    "an acronym that is an abbreviation too": ("nb", "Han er sjef for HR. | Det er bra. | Spør HR. Berg om det."),
    "no acronym where all is in capitals": ("nb", "MØTET ER HR. DET VAR BRA."),
    "one letter is no acronym": ("nb", "Vi bor på s. Det er fint, i S. Den er der."),
    "a short word in brackets": ("nb", "Ordet (lat. Iohannes) er gammelt."),
    "a longer word in brackets is a word": ("nb", "Så kom (hjemover. | 5 gikk) han."),
    "a unit after a number": ("nb", "Den er 5 dm. | Per målte. | Per fant en dm. Berg der."),
    "an abbreviation before another with its own stop": ("en", "He runs Berg Co. Ltd. | She does not."),
    "an abbreviation of any language before a number": ("", "Anna Berg inc. 500 came. | Anna etc. | Per came."),
    "a dash after an abbreviation needs a starter": ("nb", "Sauer, kuer osv. - Per kom. | Sauer osv. | - Det er alt."),
    "initials": ("en", "He met J. S. Bach. | It was J. | He knew. | A. A. Milne came."),
    "initials that are words too": ("nb", "Hun møtte P. I. Berg."),
    "a letter at the beginning": ("nb", "B. Det er en metode."),
    "a word of one letter before a number": ("nb", "Jeg gikk i. | Per kom, i. 5 kom."),
    "a dotted abbreviation with longer parts": (
        "en",
        "He likes the site acme.org. | Berlin does not. | It is the U.K. Army.",
    ),
    "four letters without a vowel": (
        "nb",
        "Han er brtt. Berg i dag. | Det er brtt. | Han gikk. | Han er skrkl. | Berg også.",
    ),
    "capitals without a vowel are a name": ("nb", "Hun jobber i BKK. | Berg også."),
    "a number with letters behind it": ("de", "Es war um 5h. | Montag kam er."),
    "a number of three digits is no ordinal": ("de", "Er kam auf Platz 123. | Peter lief. | Er kam in den 12. Raum."),
    "a number before another with its own stop": ("nb", "Vi møtes 3. 4. og 5. | Dei kom."),
    "an ordinal without capitals": ("nb", "han kom på 5. plass. | det var bra."),
    "a large number at the beginning": ("nb", "12345. | Per kom."),
    "a year at the beginning": ("nb", "1998. Per kom."),
    "a number of a heading": ("nb", "1.2.345. Per kom."),
    "a number after a colon": ("nb", "Svaret er: 5. Per gikk."),
    "a Roman number at the beginning": ("nb", "XIV. Det er slutt. | Det var XIV. | Det er slutt."),
    "a clause that begins with a number": ("nb", "Resultat: «5 mål» i dag. | Det gikk slik: | Per vant."),
    "a colon without capitals": ("nb", "han sa: «ja vel» igjen."),
    "a semicolon before a starter": (
        "fr",
        "Le premier est vide ; Paris dort. | Le second est vide ; | Le reste aussi.",
    ),
    "elided starters": ("it", "Vede il dr. | L'estate finì. | Vede il dr. Lestate."),
    "a capitalised word before a starter in a title": ("en", "They saw Bergs However again."),
    "a heading's number": ("nb", "1.2 Om språket. | Det var 1998 | Det er slutt."),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule):
    language, case = RULES[rule]
    sentences = case.split(" | ")
    assert segment(" ".join(sentences), language) == sentences
