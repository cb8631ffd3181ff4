"""BERT, LAMB and AdamW in PyTorch, to train beside ours: transformers' model with our weights, on our batches."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch


def from_config(config: Any) -> "torch.nn.Module":
    """transformers' BertForPreTraining of one of our configs."""
    from transformers import BertConfig, BertForPreTraining

    from trainer.export.hugging_face_names import hugging_face_config
    from trainer.model.config import GELU_TANH

    content = hugging_face_config(config)
    if config.hidden_act == GELU_TANH:
        content["hidden_act"] = "gelu_pytorch_tanh"  # the same function; "gelu_new" is a slow chain of operations there
    return BertForPreTraining(BertConfig(**content))


def from_ours(built: Any) -> "torch.nn.Module":
    """transformers' BertForPreTraining with the weights of a model of ours."""
    import torch

    from trainer.export.hugging_face_names import tensor_names
    from trainer.export.weight_map import read_weights

    model = from_config(built.config)
    parameters, names = dict(model.named_parameters()), tensor_names(built.config)
    with torch.no_grad():
        for name, value in read_weights(built).items():
            parameters.pop(names[name]).copy_(torch.tensor(value.T if name.endswith("/kernel") else value))
    assert not parameters, f"without a counterpart: {list(parameters)}"
    model.tie_weights()
    return model


def loss_sums(model: Any, batch: Mapping[str, Any], masked_only: bool = True) -> dict[str, "torch.Tensor"]:
    """Sums of both losses and of their weights over a batch of arrays or tensors.

    `masked_only` computes logits at masked positions only, as transformers itself does not.
    """
    import torch
    from torch.nn.functional import cross_entropy

    given = {name: torch.as_tensor(value) for name, value in batch.items()}
    inputs = {
        "input_ids": given["input_ids"].long(),
        "attention_mask": given["input_mask"],
        "token_type_ids": given["segment_ids"].long(),
    }
    positions, labels = given["masked_lm_positions"].long(), given["masked_lm_ids"].long()
    if masked_only:
        encoded = model.bert(**inputs)
        sequence, pooled = encoded.last_hidden_state, encoded.pooler_output
        picked = sequence.gather(1, positions[:, :, None].expand(-1, -1, sequence.shape[-1]))
        logits, next_sentence = model.cls(picked, pooled)
    else:
        outputs = model(**inputs)
        whole, next_sentence = outputs.prediction_logits, outputs.seq_relationship_logits
        logits = whole.gather(1, positions[:, :, None].expand(-1, -1, whole.shape[-1]))
    weights, next_weights = given["masked_lm_weights"], given["next_sentence_weights"]
    each = cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    next_each = cross_entropy(next_sentence, given["next_sentence_labels"].long(), reduction="none")
    return {
        "mlm_loss": (each * weights.flatten()).sum(),
        "mlm_weight": weights.sum(),
        "nsp_loss": (next_each * next_weights).sum(),
        "nsp_weight": next_weights.sum(),
    }


def optimizer_of(model: Any, settings: Any) -> "Lamb | AdamW":
    """The optimizer that a plan names, for a PyTorch model."""
    assert settings.bias_correction, "not written without"
    assert settings.clip_norm, "not written without"
    return Lamb(model, settings) if settings.name == "lamb" else AdamW(model, settings)


class AdamW:
    """PyTorch's own AdamW, with global-norm clipping before."""

    def __init__(self, model: "torch.nn.Module", settings: Any) -> None:
        """LayerNorm and biases, the vectors, are not decayed."""
        import torch

        self._parameters, self._clip_norm = list(model.parameters()), settings.clip_norm
        groups = [
            {"params": [p for p in self._parameters if p.ndim > 1], "weight_decay": settings.weight_decay},
            {"params": [p for p in self._parameters if p.ndim < 2], "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, betas=(settings.beta_1, settings.beta_2), eps=settings.epsilon)

    def update(self, rate: float) -> None:
        """One update from the gradients, which are cleared."""
        import torch

        torch.nn.utils.clip_grad_norm_(self._parameters, self._clip_norm)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)


class Lamb:
    """LAMB for a PyTorch model, written from the paper (You et al. 2020, algorithm 2), with global-norm clipping before."""

    def __init__(self, model: "torch.nn.Module", settings: Any) -> None:
        """LayerNorm and biases, the vectors, are neither decayed nor adapted."""
        import torch

        self._settings, self._updates = settings, 0
        self._state = [(p, torch.zeros_like(p), torch.zeros_like(p)) for p in model.parameters()]

    def update(self, rate: float) -> None:
        """One update from the gradients, which are cleared."""
        import torch

        s = self._settings
        torch.nn.utils.clip_grad_norm_([p for p, _, _ in self._state], s.clip_norm)
        self._updates += 1
        first_bias, second_bias = 1 - s.beta_1**self._updates, 1 - s.beta_2**self._updates
        with torch.no_grad():
            for parameter, first, second in self._state:
                first.lerp_(parameter.grad, 1 - s.beta_1)
                second.mul_(s.beta_2).addcmul_(parameter.grad, parameter.grad, value=1 - s.beta_2)
                step = (first / first_bias) / ((second / second_bias).sqrt() + s.epsilon)
                if parameter.ndim > 1:
                    step += s.weight_decay * parameter
                    weight_norm, step_norm = float(parameter.norm()), float(step.norm())
                    ratio = weight_norm / step_norm if weight_norm and step_norm else 1.0
                    assert math.isfinite(ratio), "the run diverged"
                    step *= ratio
                parameter.sub_(step, alpha=rate)
                parameter.grad = None
