"""In which language a text is written: py3langid's model, computed in integers. Arrays in, arrays out."""
