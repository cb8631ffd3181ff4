"""The TensorFlow module in an exported SavedModel: raw strings in, embeddings out.

`saved_model` runs this file as `python -m trainer.export.text_encoder MODEL_FOLDER OUTPUT_FOLDER`, in a process with
KERAS_BACKEND=tensorflow. So the graph is traced from the same model code that was trained.
"""

import sys
from pathlib import Path

import keras
import tensorflow as tf
import tensorflow_text as tf_text

from beam_jobs.errors import UserError
from trainer.export.hugging_face import load_hugging_face
from trainer.export.tokenizer_files import TokenizerSettings, read_tokenizer_settings
from trainer.export.weight_map import assign_weights
from trainer.model.bert import build_pretrainer
from trainer.model.encoder_with_heads import EncoderWithHeads
from vocab.vocabulary import Vocabulary, load_vocabulary

# The characters that BERT drops: NUL, U+FFFD, control and format characters, except tab, newline and carriage return.
DROPPED = r"[\x{0}-\x{8}\x{b}\x{c}\x{e}-\x{1f}\x{7f}-\x{9f}\x{fffd}]|\p{Cf}"
_ACCENTS = r"\p{Mn}"
_SPACE = r"[\s\p{Z}]+"
_PUNCTUATION = r"[!-/]|[:-@]|[\[-`]|[{-~]|\p{P}"  # BERT's punctuation: that of Unicode, and the symbols of ASCII
_LONGEST_CHARACTER = 4  # bytes of UTF-8; the library's limit on a word's length counts bytes


class TextEncoder(tf.Module):
    """Tokenizer and encoder in one graph.

    The cleaning and lower-casing of tensorflow-text change more characters than BERT's, and keep format characters. So
    regular expressions clean and lower-case the text first, and the tokenizer is told that its text is cased.

    Ids can differ from those of our tokenizer in two cases: characters that are not assigned yet in Python's Unicode
    tables, and long words. A word of more than 200 characters (or the limit in the settings) is [UNK] for ours, but
    here only if it has more than four times as many bytes. A special piece in the text, such as "[MASK]", is tokenized
    as ordinary text.
    """

    def __init__(self, model: EncoderWithHeads, vocabulary: Vocabulary, settings: TokenizerSettings):
        super().__init__(name="bert_text_encoder")
        self._settings = settings
        self._max_length = model.config.longest_text
        self._segments = model.config.type_vocab_size
        self._vocabulary = vocabulary
        tokenizer = tf_text.FastBertTokenizer if settings.tokenize_chinese_chars else tf_text.FastWordpieceTokenizer
        self._tokenizer = tokenizer(
            list(vocabulary.pieces),
            max_bytes_per_word=settings.max_input_chars_per_word * _LONGEST_CHARACTER,
            token_out_type=tf.int32,
            no_pretokenization=not settings.tokenize_chinese_chars,  # its pretokenization always splits CJK ideographs
        )
        self._sequence_output = lambda inputs: model.encoder.sequence_output(inputs, training=False)
        self._pooled_output = model.encoder.pooled_output
        self.encoder_variables = [variable.value for variable in model.encoder.trainable_variables]

    def pieces(self, text: tf.Tensor) -> tf.RaggedTensor:
        """String [batch] to int32 [batch, (pieces)], without special pieces."""
        text = tf.strings.regex_replace(text, DROPPED, "")
        if self._settings.lower_case:
            text = tf.strings.lower(text, encoding="utf-8")
        if self._settings.strips_accents:
            text = tf.strings.regex_replace(tf_text.normalize_utf8(text, "NFD"), _ACCENTS, "")
        if self._settings.tokenize_chinese_chars:
            return self._tokenizer.tokenize(text)
        words = tf_text.regex_split(text, f"{_SPACE}|{_PUNCTUATION}", _PUNCTUATION)
        return self._tokenizer.tokenize(words).merge_dims(-2, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
    def encode(self, text: tf.Tensor) -> dict[str, tf.Tensor]:
        """Embeddings of one text per row.

        Texts are cut to the number of positions, and padded to the longest of the batch.
        """
        return self._run([self.pieces(text)[:, : self._max_length - 2]])

    @tf.function(
        input_signature=[
            tf.TensorSpec([None], tf.string, name="text"),
            tf.TensorSpec([None], tf.string, name="text_pair"),
        ]
    )
    def encode_pair(self, text: tf.Tensor, text_pair: tf.Tensor) -> dict[str, tf.Tensor]:
        """Embeddings of two texts per row. If they do not fit together, the longer one is cut first."""
        trimmer = tf_text.ShrinkLongestTrimmer(self._max_length - 3)
        return self._run(trimmer.trim([self.pieces(text), self.pieces(text_pair)]))

    def _run(self, segments: list[tf.RaggedTensor]) -> dict[str, tf.Tensor]:
        ids, types = tf_text.combine_segments(segments, self._vocabulary.cls_id, self._vocabulary.sep_id)
        inputs = {
            "input_ids": ids.to_tensor(self._vocabulary.pad_id),
            "input_mask": tf.ones_like(ids).to_tensor(0),
            "segment_ids": tf.minimum(tf.cast(types, tf.int32).to_tensor(0), self._segments - 1),
        }
        sequence = self._sequence_output(inputs)
        return {**inputs, "sequence_output": sequence, "pooled_output": self._pooled_output(sequence)}


def write_saved_model(model_folder: str | Path, output_folder: str | Path) -> None:
    """Write the SavedModel of a Hugging Face folder; the caller compares it."""
    if keras.backend.backend() != "tensorflow":
        raise RuntimeError("a SavedModel is traced on the TensorFlow backend: set KERAS_BACKEND=tensorflow")
    model_folder = Path(model_folder)
    imported = load_hugging_face(model_folder)
    model = build_pretrainer(imported.config)
    assign_weights(model, imported)
    settings = read_tokenizer_settings(model_folder)
    encoder = TextEncoder(model, load_vocabulary(model_folder / "vocab.txt"), settings)
    signatures = {"serving_default": encoder.encode, "text_pairs": encoder.encode_pair}
    tf.saved_model.save(encoder, str(output_folder), signatures=signatures)


if __name__ == "__main__":
    try:
        write_saved_model(sys.argv[1], sys.argv[2])
    except UserError as error:
        sys.exit(f"error: {error}")
