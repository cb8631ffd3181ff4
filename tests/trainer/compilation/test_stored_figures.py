import dataclasses

from trainer.compilation.stored_figures import Figures, figures_of, network_name, stored_figures, versions
from trainer.model.config import BertConfig
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate, ModelSettings

NAME = network_name(BertConfig(100), ModelSettings())
ONE = Figures(NAME, 128, 256, "lamb", False, "TPU v5e", 8, 1, 5_000_000_000, 0.4, "mine", "a", "v5e:2x4")
PHASE = Phase("a", 128, 256, 10, LearningRate(1e-3))


def test_a_network_is_named_by_what_its_step_depends_on():
    assert NAME == "L12-H768-A12-I3072-V100-bfloat16"
    assert network_name(BertConfig(100), ModelSettings(rematerialise=True)).endswith("-rematerialised")
    assert network_name(BertConfig(100), ModelSettings(shard_moments=True)) == f"{NAME}-sharded"


def test_the_figures_of_exactly_a_phase_or_of_one_that_is_near():
    other = dataclasses.replace(ONE, batch=512, mfu=0.5)
    assert figures_of(PHASE, NAME, "TPU v5e", 8, (other, ONE)) == (ONE, True)
    assert figures_of(PHASE, NAME, "TPU v5e", 16, (other, ONE)) == (other, False)
    assert figures_of(PHASE, NAME, "H100", 1, (other, ONE)) == (None, False)
    assert figures_of(dataclasses.replace(PHASE, sequence_length=512), NAME, "TPU v5e", 8, (ONE,)) == (None, False)


def test_figures_without_a_time_are_no_guess_for_others():
    silent = dataclasses.replace(ONE, mfu=None)
    assert figures_of(PHASE, NAME, "TPU v5e", 16, (silent,)) == (None, False)
    assert figures_of(PHASE, NAME, "TPU v5e", 8, (silent,)) == (silent, True)


def test_the_stored_figures_can_be_read():
    assert all(0 < (one.mfu or 0.1) < 1 for one in stored_figures())
    assert dict(versions())["jax"]
