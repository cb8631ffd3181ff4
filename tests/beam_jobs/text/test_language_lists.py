"""Each list and switch of each language by an example of its own, which fails when the list or switch is taken out.

The sentences of a case are divided by " | "; joined by spaces they are the text. The names that stand around what is tried
are in no list.
"""

from collections.abc import Iterator
from unittest.mock import patch

import pytest

from beam_jobs.text import languages
from beam_jobs.text.candidates import candidates
from beam_jobs.text.segment import segment

EXAMPLES = {
    "da": {
        "ordinals": "Anna ser 12. Maria.",
        "dialogue_dash": "Anna ser | - Alligevel ser.",
        "never": "Anna ser f.eks. Maria.",
        "seldom": "Anna ser afs. Maria.",
        "maybe": "Anna ser osv. 500 ser.",
        "starters": "Anna ser afs. | Aldrig ser.",
        "unmistakable": "Anna ser | Alligevel ser.",
        "never_last": "Anna ser af Alligevel ser.",
    },
    "de": {
        "ordinals": "Anna ser 12. Maria.",
        "never": "Anna ser evtl. Maria.",
        "seldom": "Anna ser abt. Maria.",
        "maybe": "Anna ser usw. 500 ser.",
        "starters": "Anna ser abt. | Alle ser.",
        "unmistakable": "Anna ser | Als ser.",
        "never_last": "Anna ser aber Als ser.",
    },
    "el": {
        "extra_stops": "Άννα βλέπει; | Μαρία βλέπει.",
        "never": "Άννα βλέπει δρ. Ένα βλέπει.",
        "seldom": "Άννα βλέπει αρ. Μαρία.",
        "maybe": "Άννα βλέπει κ.ά. | Μαρία.",
        "starters": "Άννα βλέπει αρ. | Ένα βλέπει.",
        "unmistakable": "Άννα βλέπει | Από βλέπει.",
        "never_last": "Άννα βλέπει αλλά Από βλέπει.",
    },
    "en": {
        "title_case": "They read What And They Come.",
        "never": "Anna ser apr. Maria.",
        "seldom": "Anna ser ave. Maria.",
        "maybe": "Anna ser esq. 500 ser.",
        "starters": "Anna ser ave. | About ser.",
        "unmistakable": "Anna ser | And ser.",
        "never_last": "Anna ser an And ser.",
    },
    "es": {
        "clause_stops": "Anna ser; | Ahora ser.",
        "never": "Anna ser dña. Maria.",
        "seldom": "Anna ser art. Maria.",
        "maybe": "Anna ser a.c. | Maria.",
        "starters": "Anna ser art. | Actualmente ser.",
        "unmistakable": "Anna ser | Aunque ser.",
        "never_last": "Anna ser al Aunque ser.",
    },
    "fi": {
        "ordinals": "Anna ser 12. Maria.",
        "never": "Anna ser tri. Maria.",
        "seldom": "Anna ser ent. Maria.",
        "maybe": "Anna ser jne. 500 ser.",
        "starters": "Anna ser ent. | Että ser.",
        "unmistakable": "Anna ser | Hän ser.",
        "never_last": "Anna ser että Hän ser.",
    },
    "fr": {
        "clause_stops": "Anna ser; | Après ser.",
        "never": "Anna ser mme. Maria.",
        "seldom": "Anna ser bull. Maria.",
        "maybe": "Anna ser av.j. 500 ser.",
        "starters": "Anna ser bd. | Alors ser.",
        "unmistakable": "Anna ser | Cela ser.",
        "never_last": "Anna ser au Cela ser.",
    },
    "is": {
        "ordinals": "Anna ser 12. Maria.",
        "never": "Anna ser dr. Allt ser.",
        "seldom": "Anna ser millj. Maria.",
        "maybe": "Anna ser o.fl. 500 ser.",
        "starters": "Anna ser bls. | Allar ser.",
        "unmistakable": "Anna ser | Ekki ser.",
        "never_last": "Anna ser af Ekki ser.",
    },
    "it": {
        "clause_stops": "Anna ser; | Al ser.",
        "never": "Anna ser dott.ssa. Maria.",
        "seldom": "Anna ser artt. Maria.",
        "maybe": "Anna ser d.c. | Maria.",
        "starters": "Anna ser artt. | Agli ser.",
        "unmistakable": "Anna ser | Dopo ser.",
        "never_last": "Anna ser al Dopo ser.",
    },
    "ko": {
        "final_endings": "정말 맛있어요 | 다음에 또 올게요 | 감사합니다.",
        "not_final": "Anna 수요 abc.",
    },
    "nb": {
        "dialogue_dash": "Anna ser | - Ble ser.",
        "clause_stops": "Anna ser: | Maria ser.",
        "never": "Anna ser ankl. Maria.",
        "seldom": "Anna ser apr. Maria.",
        "maybe": "Anna ser bto. 500 ser.",
        "before_number": "Anna ser jun. 5 ser.",
        "starters": "Anna ser apr. | Akkurat ser.",
        "unmistakable": "Anna ser | Ble ser.",
        "never_last": "Anna ser at Ble ser.",
        "labels": "Epost: Maria.",
        "months": "Anna ser 3. Desember.",
    },
    "nl": {
        "never": "Anna ser ing. Maria.",
        "seldom": "Anna ser art. Maria.",
        "maybe": "Anna ser v.chr. 500 ser.",
        "starters": "Anna ser art. | Aan ser.",
        "unmistakable": "Anna ser | Daarna ser.",
        "never_last": "Anna ser bij Daarna ser.",
    },
    "nn": {
        "dialogue_dash": "Anna ser | - Blei ser.",
        "clause_stops": "Anna ser: | Maria ser.",
        "never": "Anna ser ankl. Maria.",
        "seldom": "Anna ser apr. Maria.",
        "maybe": "Anna ser bto. 500 ser.",
        "before_number": "Anna ser jun. 5 ser.",
        "starters": "Anna ser apr. | Aldri ser.",
        "unmistakable": "Anna ser | Blei ser.",
        "never_last": "Anna ser at Blei ser.",
        "labels": "Epost: Maria.",
        "months": "Anna ser 3. Desember.",
    },
    "pl": {
        "never": "Anna ser ul. Maria.",
        "seldom": "Anna ser asp. Maria.",
        "maybe": "Anna ser min. 500 ser.",
        "starters": "Anna ser asp. | Albo ser.",
        "unmistakable": "Anna ser | Dla ser.",
        "never_last": "Anna ser ale Dla ser.",
        "months": "Anna ser 3. Kwietnia.",
    },
    "pt": {
        "clause_stops": "Anna ser; | Alguns ser.",
        "never": "Anna ser p.ex. Maria.",
        "seldom": "Anna ser av. Maria.",
        "maybe": "Anna ser d.c. | Maria.",
        "starters": "Anna ser av. | Agora ser.",
        "unmistakable": "Anna ser | Depois ser.",
        "never_last": "Anna ser ao Depois ser.",
    },
    "ru": {
        "never": "Анна видит напр. Мария.",
        "seldom": "Анна видит инж. Мария.",
        "maybe": "Анна видит др. 500 видит.",
        "starters": "Анна видит гр. | Без видит.",
        "unmistakable": "Анна видит | Были видит.",
        "never_last": "Анна видит для Были видит.",
    },
    "sv": {
        "never": "Anna ser fr.o.m. Maria.",
        "seldom": "Anna ser ang. Maria.",
        "maybe": "Anna ser m.fl. 500 ser.",
        "starters": "Anna ser ang. | Aldrig ser.",
        "unmistakable": "Anna ser | Blev ser.",
        "never_last": "Anna ser att Blev ser.",
        "months": "Anna ser 3. December.",
    },
    "tr": {
        "ordinals": "Anna ser 12. Maria.",
        "word_ordinals": "Anna serelerine. ser.",
        "never": "Anna ser av. Ama ser.",
        "seldom": "Anna ser bul. Maria.",
        "maybe": "Anna ser vb. | Maria.",
        "starters": "Anna ser bkz. | Artık ser.",
        "unmistakable": "Anna ser | Ayrıca ser.",
        "never_last": "Anna ser ama Ayrıca ser.",
    },
}

# A month with an ordinal's stop is no end in these languages already because any ordinal is none.
WITHOUT_EFFECT = {(language, "months") for language in ("da", "de", "fi", "is")}


def _forget() -> None:
    for cached in (languages._rules_as_written, languages._rules_of_code, candidates):
        cached.cache_clear()


@pytest.fixture
def read_anew() -> Iterator[None]:
    """The language files are read anew before the test and after it."""
    _forget()
    yield
    _forget()


def _is_right(case: str, language: str) -> bool:
    sentences = case.split(" | ")
    return segment(" ".join(sentences), language) == sentences


@pytest.mark.parametrize("language", EXAMPLES)
def test_every_list_and_switch_has_an_example(language: str) -> None:
    without = {rule for code, rule in WITHOUT_EFFECT if code == language}
    assert set(languages._read(language)) - without == set(EXAMPLES[language])
    for rule, case in EXAMPLES[language].items():
        assert _is_right(case, language), rule


@pytest.mark.parametrize("language", EXAMPLES)
def test_the_example_fails_without_its_rule(language: str, read_anew: None) -> None:
    read = languages._read
    for rule, case in EXAMPLES[language].items():
        _forget()

        def read_without(name: str, rule: str = rule) -> dict:
            return {key: value for key, value in read(name).items() if (name, key) != (language, rule)}

        with patch.object(languages, "_read", read_without):
            assert not _is_right(case, language), rule


def test_every_language_has_examples() -> None:
    assert set(EXAMPLES) == languages.known_languages()
