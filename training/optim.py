"""The optimizers of a network: Muon with Adam, AdamW, or stochastic gradient descent.

Muon (Jordan et al., 2024, https://kellerjordan.github.io/posts/muon/) replaces the momentum of a weight
matrix by the nearest orthogonal matrix, so that all directions of the layer's input learn at the same rate. A
convolution kernel [out, in, F, F] counts as the matrix [out, in*F*F].
"""

from collections.abc import Iterable
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.optim.optimizer import Optimizer

from goengine.errors import GoEngineError
from goengine.nn.modules import BatchNorm
from goengine.nn.network import ConvolutionNetwork
from goengine.training.config import RunConfig

# Quintic Newton-Schulz coefficients: steep at zero, so that five steps bring every singular value from
# [0.01, 1] to about [0.7, 1.2]; the exact value does not matter to the optimizer.
_A, _B, _C = 3.4445, -4.7750, 2.0315

_BETAS = (0.9, 0.99)  # Adam's; batches are many and small, so the second moment need not look far back


def orthogonalize(matrices: Tensor, steps: int = 5) -> Tensor:
    """Return the nearest (semi-)orthogonal matrices, by Newton-Schulz iteration.

    Args:
        matrices: float [..., rows, columns].
        steps: The iterations.
    """
    x: Tensor = matrices.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    return (x.mT if tall else x).to(matrices.dtype)


def _filter_norms(p: Tensor) -> Tensor:
    """Return the norm of each output's weights, [out, 1, ...], of a parameter [out, ...]."""
    norms: Tensor = p.flatten(1).norm(dim=1)
    return norms.view(-1, *[1] * (p.dim() - 1))


class Muon(Optimizer):
    """Orthogonalized Nesterov momentum for parameters [out, in, F, F] or [out, in].

    The learning rate is the spectral norm of an update of a square or wide matrix. A tall matrix's update is
    larger by sqrt(rows/columns), so that its effect on the size of the output is the same.

    An update keeps the norm of each output's weights and changes only their direction. Updates have the same
    size however small the gradient is, so without this the kernels of a network without normalisation would
    grow forever: activations grow with the product of the norms, one channel dominates, and the ReLUs of the
    others die (training/RESULTS.md). Weights that are all zero stay zero.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float = 0.02,
        momentum: float = 0.95,
    ):
        """Set the learning rate and the momentum, both from 0 to 1."""
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the parameters by their gradients."""
        assert closure is None
        for group in self.param_groups:
            # Matrices of one shape are orthogonalized together, by one batched product.
            shapes: dict[torch.Size, list[nn.Parameter]] = {}
            for p in group["params"]:
                if p.grad is not None:
                    shapes.setdefault(p.shape, []).append(p)
            for shape, params in shapes.items():
                updates = torch.stack([self._momentum(p, group["momentum"]) for p in params]).flatten(2)
                scale = max(1.0, updates.shape[-2] / updates.shape[-1]) ** 0.5
                updates = orthogonalize(updates)
                for p, update in zip(params, updates, strict=True):
                    norms = _filter_norms(p)
                    p.add_(update.view(shape), alpha=-group["lr"] * scale)
                    p.mul_(norms / _filter_norms(p).clamp(min=1e-12))

    def _momentum(self, p: nn.Parameter, momentum: float) -> Tensor:
        """Return the Nesterov momentum of normalised gradients.

        Orthogonalizing keeps directions alone. Some batches have a gradient twenty times as large as others',
        which without normalisation would dominate the next twenty updates.
        """
        assert p.grad is not None
        gradient = p.grad / (p.grad.norm() + 1e-12)
        state = self.state[p]
        if "momentum" not in state:
            state["momentum"] = torch.zeros_like(gradient)
        average = state["momentum"].lerp_(gradient, 1 - momentum)
        return torch.lerp(gradient, average, momentum)


class NetworkOptimizer:
    """The optimizer of a config, on all parameters of a network.

    - muon: Muon for the kernels of the convolutions between the first and the last, Adam for all other
      parameters, without weight decay. The first and the last kernel and the biases belong to inputs and
      outputs, whose different scales orthogonalizing would remove.
    - adamw: AdamW (Loshchilov and Hutter, 2019), without decay of biases and normalisations.
    - sgd: Gradient descent with Nesterov momentum; plain if the momentum is 0, as in Silver et al. (2016).

    Attributes:
        optimizers: The PyTorch optimizers, one or two.
    """

    def __init__(self, network: nn.Module, config: RunConfig):
        """Make the optimizer of a network that is already on its device."""
        parameters = list(network.parameters())
        fused = parameters[0].device.type == "cuda"
        optimizers: list[Optimizer] = []
        match config.optimizer:
            case "muon":
                inner = [cast(nn.Parameter, layer.weight) for layer in _convolutions(network)[1:-1]]
                inner_ids = {id(p) for p in inner}
                others = [p for p in parameters if id(p) not in inner_ids]
                optimizers.append(torch.optim.Adam(others, config.adam_lr, _BETAS, fused=fused))
                if inner:
                    optimizers.append(Muon(inner, config.muon_lr, config.momentum))
            case "adamw":
                groups = _decaying(network, config.weight_decay)
                optimizers.append(torch.optim.AdamW(groups, config.adam_lr, _BETAS, fused=fused))
            case "sgd":
                groups = _decaying(network, config.weight_decay)
                optimizers.append(
                    torch.optim.SGD(
                        groups,
                        config.sgd_lr,
                        config.momentum,
                        nesterov=config.momentum > 0,
                        fused=fused,
                    )
                )
        self.optimizers = optimizers
        self._peak = [[group["lr"] for group in o.param_groups] for o in self.optimizers]

    def step(self, factor: float) -> None:
        """Update the weights with each learning rate multiplied by `factor`, and clear the gradients."""
        for optimizer, peaks in zip(self.optimizers, self._peak, strict=True):
            for group, peak in zip(optimizer.param_groups, peaks, strict=True):
                group["lr"] = peak * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    def state_dict(self) -> list[dict[str, Any]]:
        """Return the states for a checkpoint, one for each optimizer."""
        return [optimizer.state_dict() for optimizer in self.optimizers]

    def load_state_dict(self, states: list[dict[str, Any]]) -> None:
        """Continue from states; learning rates, momentum and other options stay those of the config.

        Raises:
            GoEngineError: If the states are of other optimizers or another network.
        """
        try:
            for optimizer, state in zip(self.optimizers, states, strict=True):
                optimizer.load_state_dict(_with_options_of(optimizer, state))
                fits = all(
                    value.dim() == 0 or value.shape == parameter.shape
                    for parameter, values in optimizer.state.items()
                    for value in values.values()
                )
                if not fits:
                    raise ValueError("a state has another shape than its parameter")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise GoEngineError(
                "the checkpoint's optimizer state does not fit the network of its settings"
            ) from error


def _convolutions(network: nn.Module) -> list[nn.Conv2d]:
    """Return the convolutions of a network's layers in order, without those of auxiliary heads."""
    layers = [layer.name for layer in network.layers] if isinstance(network, ConvolutionNetwork) else None
    return [
        module
        for name, module in network.named_modules()
        if isinstance(module, nn.Conv2d) and (layers is None or name in layers)
    ]


def _decaying(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return parameter groups: weights, which decay; biases and normalisations, which do not."""
    decaying: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    normalisations = [module for module in network.modules() if isinstance(module, BatchNorm)]
    scales = {id(module.weight) for module in normalisations}
    for name, p in network.named_parameters():
        (others if name.endswith("bias") or id(p) in scales else decaying).append(p)
    return [
        {"params": decaying, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def _with_options_of(optimizer: Optimizer, state: dict[str, Any]) -> dict[str, Any]:
    """Return the state with the optimizer's own options, where PyTorch would use those of the state."""
    groups = [
        {**{name: value for name, value in group.items() if name != "params"}, "params": saved["params"]}
        for group, saved in zip(optimizer.param_groups, state["param_groups"], strict=True)
    ]
    return {"state": state["state"], "param_groups": groups}
