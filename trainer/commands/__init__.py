"""One module per command of `python -m trainer`: `add_arguments(parser)` and `run(arguments) -> exit status`."""
