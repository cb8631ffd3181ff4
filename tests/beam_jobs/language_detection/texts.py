"""Texts for the tests of language detection: the first article of the Universal Declaration, and a few own sentences."""

ARTICLE_1 = {
    "nb": "Alle mennesker er født frie og med samme menneskeverd og menneskerettigheter. De er utstyrt med fornuft og "
    "samvittighet og bør handle mot hverandre i brorskapets ånd.",
    "nn": "Alle menneske er fødde til fridom og med same menneskeverd og menneskerettar. Dei har fått fornuft og samvit og "
    "skal leve med kvarandre som brør.",
    "da": "Alle mennesker er født frie og lige i værdighed og rettigheder. De er udstyret med fornuft og samvittighed, og de "
    "bør handle mod hverandre i en broderskabets ånd.",
    "sv": "Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med förnuft och samvete och bör "
    "handla gentemot varandra i en anda av broderskap.",
    "is": "Hver maður er borinn frjáls og jafn öðrum að virðingu og réttindum. Menn eru gæddir vitsmunum og samvizku, og ber "
    "þeim að breyta bróðurlega hverjum við annan.",
    "fi": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan. Heille on annettu järki ja "
    "omatunto, ja heidän on toimittava toisiaan kohtaan veljeyden hengessä.",
    "en": "All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience and "
    "should act towards one another in a spirit of brotherhood.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und "
    "sollen einander im Geist der Brüderlichkeit begegnen.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience "
    "et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "es": "Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y "
    "conciencia, deben comportarse fraternalmente los unos con los otros.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью и должны "
    "поступать в отношении друг друга в духе братства.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι προικισμένοι με λογική "
    "και συνείδηση, και οφείλουν να συμπεριφέρονται μεταξύ τους με πνεύμα αδελφοσύνης.",
    "af": "Alle menslike wesens word vry, met gelyke waardigheid en regte, gebore. Hulle het rede en gewete en behoort in die "
    "gees van broederskap teenoor mekaar op te tree.",
    "ja": "すべての人間は、生れながらにして自由であり、かつ、尊厳と権利とについて平等である。人間は、理性と良心とを授けられており、"
    "互いに同胞の精神をもって行動しなければならない。",
}

NYNORSK_REVIEW = (
    "Eg hadde ikkje venta at denne boka skulle gjere så sterkt inntrykk. Forfattaren skriv om eit lite bygdesamfunn der "
    "alle kjenner kvarandre, og der ingen eigentleg veit noko om dei andre. Språket er nøkternt, men det er mykje varme i "
    "skildringane, og dialogane er både morosame og såre. Det einaste eg saknar er ein tydelegare slutt."
)
BOKMAAL_REVIEW = (
    "Jeg hadde ikke ventet at denne boka skulle gjøre så sterkt inntrykk. Forfatteren skriver om et lite bygdesamfunn der "
    "alle kjenner hverandre, og der ingen egentlig vet noe om de andre. Språket er nøkternt, men det er mye varme i "
    "skildringene, og dialogene er både morsomme og såre. Det eneste jeg savner er en tydeligere slutt."
)
DANISH_REVIEW = (
    "Jeg havde ikke ventet, at denne bog skulle gøre så stærkt indtryk. Forfatteren skriver om et lille bysamfund, hvor "
    "alle kender hinanden, og hvor ingen egentlig ved noget om de andre. Sproget er nøgternt, men der er megen varme i "
    "skildringerne, og dialogerne er både morsomme og sårbare. Det eneste, jeg savner, er en tydeligere slutning."
)
