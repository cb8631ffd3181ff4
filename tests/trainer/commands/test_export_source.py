import pytest

from beam_jobs.console.command_parser import CommandParser
from beam_jobs.errors import UserError
from trainer.commands import export
from trainer.commands.export_source import kept_files, source_of_checkpoint, source_of_run
from trainer.embeddings.sentence_folder import MODULES_NAME
from vocab.vocabulary import load_vocabulary


def parsed(*words):
    parser = CommandParser()
    export.add_arguments(parser)
    return parser.parse_args([*words, "--output", "out"])


def test_what_belongs_to_the_other_source_is_refused():
    for arguments in (["--hidden_act", "gelu"], ["--allow_missing", "pooler"]):
        with pytest.raises(UserError, match="--hidden_act and --allow_missing belong to --checkpoint"):
            source_of_run(parsed("--run", "r", *arguments), True)
    with pytest.raises(UserError, match="--step belongs to --run"):
        source_of_checkpoint(parsed("--checkpoint", "c", "--step", "3"), True)


def test_a_wordpiece_model_keeps_no_tokenizer_file_of_its_source(tmp_path):
    vocabulary = tmp_path / "vocab.txt"
    vocabulary.write_text("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n")
    (tmp_path / "tokenizer_config.json").write_text("{}")
    assert kept_files(parsed("--checkpoint", str(tmp_path)), load_vocabulary(str(vocabulary))) == {}
    (tmp_path / MODULES_NAME).write_text("[]")
    with pytest.raises(UserError, match=MODULES_NAME):  # it is read as a folder of sentence-transformers
        kept_files(parsed("--checkpoint", str(tmp_path)), load_vocabulary(str(vocabulary)))
