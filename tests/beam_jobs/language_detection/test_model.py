import io
import lzma
from importlib import util
from pathlib import Path

import numpy as np
import pytest

from beam_jobs.errors import UserError
from beam_jobs.language_detection import model as module
from beam_jobs.language_detection.languages import DETECTED_LANGUAGES
from beam_jobs.language_detection.model import COUNT_SCALE, MOST_COUNTED, WEIGHT_SCALE, detection_model, model_file


def test_it_knows_the_languages_that_the_settings_offer() -> None:
    assert tuple(sorted(detection_model().labels)) == DETECTED_LANGUAGES


def test_no_weight_is_rounded() -> None:
    """So the model is the same on every processor, and the library's up to the rounding of logarithms of counts."""
    with np.load(io.BytesIO(lzma.decompress(model_file()))) as arrays:
        log_probabilities = arrays["ptc"].astype(np.float64)
    expected = (log_probabilities - log_probabilities.max(axis=1, keepdims=True)) * WEIGHT_SCALE
    weights = detection_model().tables.weights
    columns = expected.shape[1]
    assert np.array_equal(weights[:, :columns], expected)
    assert not weights[:, columns:].any()


def test_rounding_the_logarithms_of_counts_does_not_depend_on_the_library_of_mathematics() -> None:
    """None lies near a half, so that an error in its last digits changes nothing."""
    exact = np.log1p(np.arange(MOST_COUNTED + 1)) * COUNT_SCALE
    assert np.abs(exact % 1 - 0.5).min() > 1e-6
    assert np.array_equal(detection_model().tables.log_counts, np.rint(exact))


def test_a_language_of_two_scripts_has_one_label() -> None:
    labels, tables = detection_model()
    names = [labels[label] for label in tables.label_of_column.tolist()]
    assert sorted(name for name in set(names) if names.count(name) == 2) == ["sr", "uz"]


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(util, "find_spec", lambda name: None)
    with pytest.raises(
        UserError, match=r"^[^\n]*py3langid 0\.4\.0, which is not installed.*pip install py3langid==0\.4\.0$"
    ):
        model_file()


def test_another_version_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "py3langid" / "data").mkdir(parents=True)
    (tmp_path / "py3langid" / "__init__.py").touch()
    (tmp_path / "py3langid" / "data" / "model.npz.xz").write_bytes(b"another model")
    origin = str(tmp_path / "py3langid" / "__init__.py")
    monkeypatch.setattr(util, "find_spec", lambda name: util.spec_from_file_location(name, origin))
    with pytest.raises(
        UserError, match=r"is not the language model of py3langid 0\.4\.0.*pip install py3langid==0\.4\.0$"
    ):
        model_file()
    assert module.VERSION in Path("requirements.lock").read_text().split("py3langid==")[1].split()[0]
