"""The tests mirror the modules: what is tested of `beam_jobs/x/y.py` is in `tests/beam_jobs/x/test_y.py`."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
WITHOUT_LOGIC = {
    "beam_jobs/execution/job.py",  # a protocol
    "beam_jobs/personal_data/kinds.py",  # names
    "beam_jobs/personal_data/span.py",  # a type
    "beam_jobs/records/document.py",  # a dataclass
    "trainer/optim/optimizer.py",  # a protocol and a dataclass
    "trainer/optim/state_size.py",  # two numbers, compared in test_optimizers.py
    "trainer/distillation/teaching_data.py",  # a dataclass
    "trainer/finetuning/task_data.py",  # dataclasses and a protocol
    "trainer/serving/served_model.py",  # two dataclasses
    "trainer/tasks/task.py",  # a dataclass
}
"""Modules that compute nothing."""


def _modules() -> list[str]:
    found = (path for package in ("beam_jobs", "trainer", "vocab") for path in (ROOT / package).rglob("*.py"))
    return sorted(str(path.relative_to(ROOT)) for path in found if path.name != "__init__.py")


def _test_of(module: str) -> Path:
    path = Path("tests") / module
    return ROOT / path.with_name(f"test_{path.stem.strip('_')}.py")


def test_every_module_with_logic_has_its_test():
    missing = [module for module in _modules() if module not in WITHOUT_LOGIC and not _test_of(module).exists()]
    assert missing == []


def test_the_list_names_modules_that_are_there_and_have_no_test():
    assert set(_modules()) >= WITHOUT_LOGIC
    assert [module for module in WITHOUT_LOGIC if _test_of(module).exists()] == []
