"""Numbers that authorities and their tools publish for tests; none belongs to a person."""

NORWEGIAN = {
    # of the tests of NAV's fnrvalidator
    "fødselsnummer": ("13097248022", "29029648784", "29020075838", "15021951940"),
    "D-number": ("53097248016",),
    "H-number": ("13527248013",),
    "synthetic, Tenor": ("10915596784", "50846202355"),
    "synthetic, Dolly": ("68467038838", "15507600333", "55507608360", "29422059278", "69422056629"),
}
SWEDISH = ("640823-3234", "811218-9876", "19811218-9876", "701063-2391")
DANISH = ("211062-5629",)
FINNISH = ("131052-308T", "010594Y9021")
NATIONAL_IDS = tuple(number for numbers in NORWEGIAN.values() for number in numbers) + SWEDISH + DANISH + FINNISH

IBANS = (
    "NO9386011117947",
    "NO93 8601 1117 947",
    "NO93 8601 11 17947",
    "SE4550000000058398257466",
    "DK5000400440116243",
    "FI21 1234 5600 0007 85",
    "DE89 3704 0044 0532 0130 00",
    "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606",
    "IS14 0159 2600 7654 5510 7303 39",
    "MT84MALT011000012345MTLCAST001S",
)
