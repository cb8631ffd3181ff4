"""Compiles the training step of a small BERT for a machine that is not here, and prints what of S x S reaches memory.

child_of_test_ahead.py v5e-8|H100 LENGTH auto|einsum   run by test_ahead.py; needs libtpu or JAX's CUDA plug-in
"""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4]))

from trainer.commands.compile_plan import _ENVIRONMENT

os.environ.update({**_ENVIRONMENT, "JAX_PLATFORMS": "cpu"})

from trainer.compilation.compile_step import devices_of
from trainer.compilation.gpu_node import gpu_node
from trainer.compilation.shapes import batch_shapes, state_shapes
from trainer.compilation.tpu_slice import tpu_slice
from trainer.devices.device_sum import over_devices
from trainer.devices.runtime import JaxRuntime
from trainer.model.attention.kernel import choose_kernel
from trainer.model.bert import build_pretrainer
from trainer.model.config import BertConfig
from trainer.optim.exclusions import rules_by_layer_type
from trainer.optim.optimizers import optimizer_of
from trainer.plans.plan import Phase
from trainer.plans.settings import LearningRate, OptimizerSettings
from trainer.tasks.pretraining import pretraining_of
from trainer.training.step import make_train_step


def main(name, length, setting):
    """Print the kernel, how many kernels the module calls, and the arrays [..., length, length] of the module."""
    machine = gpu_node(name) if name == "H100" else tpu_slice(name)
    runtime = JaxRuntime(devices_of(machine))
    config = BertConfig(1024, hidden_size=256, num_hidden_layers=1, num_attention_heads=4, intermediate_size=512)
    kernel = choose_kernel(setting, runtime.platform, config, runtime.mesh, runtime.device_kind)
    model = build_pretrainer(config, compute_dtype="bfloat16", seed=None, attention=kernel)
    phase = Phase("p", length, 8 * machine.devices, 10, LearningRate(1e-4))
    optimizer = optimizer_of(OptimizerSettings())
    step = runtime.compile_step(
        make_train_step(
            model, pretraining_of(phase), optimizer, rules_by_layer_type(model), over_devices(runtime, "float32")
        )
    )
    arguments = state_shapes(model, optimizer, runtime), batch_shapes(phase, 1, runtime), runtime.put_scalar(0.0)
    compiled = step.trace(*arguments).lower(lowering_platforms=(machine.platform,)).compile()
    text = compiled.as_text()
    calls = len(
        re.findall(r'custom_call_target="(?:tpu_custom_call|__gpu\$xla\.gpu\.triton|triton_kernel_call)"', text)
    )
    arrays = sorted(set(re.findall(rf"\w+\[(?:[\d,]+,)?{length},{length}\]", text)))
    temporary = compiled.memory_analysis().temp_size_in_bytes
    print(f"{runtime.device_kind} {length} {kernel}: {calls} kernel calls, {temporary} bytes, square arrays: {arrays}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
