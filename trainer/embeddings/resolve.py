"""What is not asked for follows from the model."""

import dataclasses

from beam_jobs.errors import UserError
from trainer.embeddings.sentence_folder import SentenceFolder
from trainer.embeddings.settings import MEAN, NONE, PIECE, TEXT, EmbedSettings


def resolve(settings: EmbedSettings, sentence: SentenceFolder | None, longest: int, name: str) -> EmbedSettings:
    """The settings with what follows from the model.

    Args:
        settings: as given; they are checked.
        sentence: what the folder says, if it is one of sentence-transformers.
        longest: pieces of the longest row that the model can read.
        name: the model's, for messages.

    Raises:
        UserError: for settings that cannot be meant, a length that the model cannot read, or if the folder asks for a
            pooling, or for modules, that are not known here.
    """
    settings.validate()
    per = settings.unit
    pooling, normalize = settings.pooling, settings.normalize
    if per == TEXT and not pooling and sentence is not None:
        if sentence.unknown:
            raise UserError(
                f"{name}: its vectors come from {sentence.unknown}, which embed does not compute; name a --pooling to take "
                "vectors without it"
            )
        pooling = sentence.pooling
    if normalize is None:
        normalize = per == TEXT and sentence is not None and sentence.normalize
    wanted = settings.max_seq_length or (sentence.max_seq_length if sentence else 0) or longest
    if settings.max_seq_length > longest:
        raise UserError(
            f"--max_seq_length is {wanted}, but the model reads at most {longest} pieces; name at most that"
        )
    return dataclasses.replace(
        settings,
        pooling=NONE if per == PIECE else pooling or MEAN,
        combine=settings.combine or MEAN,
        per=per,
        normalize=normalize,
        max_seq_length=min(wanted, longest),
    )
