"""Whether a Norwegian text is Bokmål or Nynorsk, from words that only one of the two has.

The model knows less Nynorsk than Bokmål: of 100 characters of Nynorsk it takes one in twelve for Bokmål. These words, and
beginnings and endings of longer ones, are those in which the two written standards differ most often. Words that are
optional in the other one ("også", "derfor", "første" in Nynorsk) are not among them.
"""

import re

_NYNORSK = """
annan attende attmed attåt auka berre bruka brukar byrja dei deira desse difor dykk då døme dømet eg eiga eige ein
einaste einskild einskilde eit elevar enno fekk finst framleis frå fyrst fyrste følgje gjekk gjer gjera gjerast gjere
gjev gong gongen gonger gutar haldt haust hausten heim heite heiter held hennar hjå høg høgare ikkje inga inkje
innanfor kjem korkje korleis kunna kva kvar kvart kven legg leiing lærar me medan meiner meir millom morgon mykje
månad månader noko nokon nokre saman seia seie seier sidan sit sjå skreiv skriv skule sommar sommaren spelar speler
spelte staden stader stønad synest såg tek tilbod trur tyder ungar utan utanfor vart vegar vegen veit veka vekene
veker ven vener vennar vera vere verte vilja vore ynskje ynskjer òg ønskje
"""
_BOKMAAL = """
annen annet bare betyr ble blitt de dem dere deres dessuten disse eget egne elever en eneste enkelt ennå et fikk
finnes fra frem fremdeles gangen ganger gikk gir gjør gutter ham hele henne hennes hjem holder holdt hun hva hvem hver
hvis hvor høre høst høsten høyere ikke imidlertid innen innenfor intet jeg kommer lav lavere legger leser ligger
lærere mener mens mer morgen mye måned måneder noe noen nå saken sammen satte selv setter sier sitter skole skrev
skriver sommer sommeren spiller spilte sted steder stedet synes syv tiden tilbud tror uke uken uker unger uten utenfor
veien veier venner verken vet være vært øke ønsker
"""
_NYNORSK_WORDS, _BOKMAAL_WORDS = frozenset(_NYNORSK.split()), frozenset(_BOKMAAL.split())
_NYNORSK_PART = re.compile(
    "(?:eigen|fleir|heil|høyr|køyr|kvarand|kvifor|kvil|kvit|leiar|løys|meir|røyn|seinar|sjølv).*"
    "|.{2,}(?:ande|ane|arane|arar|asjonar|heit|heita|heitene|heiter|ingane|ingar|leg|legare|lege)"
)
_BOKMAAL_PART = re.compile(
    "(?:egen|fler|gjør|hjem|hv|hør|kjør|leder|løse|løsn|selv|sener).*"
    "|.{2,}(?:else|elsen|elser|ende|ene|erne|het|heten|heter|ingene|inger|lig|lige|ligere|ligst|sjoner)"
)
_SHORT = 5  # letters; beginnings and endings of shorter words say little
_WORD = re.compile("[a-zæøåòéèôö]+")


def nynorsk_words(text: str) -> int:
    """By how many words that only Nynorsk has a text has more than words that only Bokmål has; below 0 if it has fewer."""
    return sum(map(_side, _WORD.findall(text.lower())))


def _side(word: str) -> int:
    if word in _NYNORSK_WORDS:
        return 1
    if word in _BOKMAAL_WORDS:
        return -1
    if len(word) < _SHORT:
        return 0
    return (_NYNORSK_PART.fullmatch(word) is not None) - (_BOKMAAL_PART.fullmatch(word) is not None)
