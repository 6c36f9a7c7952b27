"""Folding batch normalisations into the layers before them, and unfolding them.

Outside training, a batch normalisation scales and shifts each output x of the layer before it:
y = (x - mean) * g / sqrt(variance + epsilon) + beta. With s = g / sqrt(variance + epsilon), a layer with the
weights w * s and the bias (b - mean) * s + beta computes the same as the two layers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from goengine.errors import GoEngineError
from goengine.nn.layers import BatchNormalisation, Convolution, FullyConnected, Spec
from goengine.nn.modules import BatchNorm
from goengine.nn.network import ConvolutionNetwork
from goengine.nn.placement import place


def fold_specs(specs: Sequence[Spec]) -> list[Spec]:
    """Return the specs without batch normalisations; the layers before them have biases.

    Raises:
        GoEngineError: If a batch normalisation follows another kind of layer.
    """
    folded: list[Spec] = []
    for spec in specs:
        if not isinstance(spec, BatchNormalisation):
            folded.append(spec)
        elif folded and isinstance(folded[-1], Convolution):
            folded[-1] = replace(folded[-1], bias=True)
        elif not (folded and isinstance(folded[-1], FullyConnected)):
            raise GoEngineError(
                "a batch normalisation folds only into a convolution or a fully connected layer before it"
            )
    return folded


def fold(network: ConvolutionNetwork) -> dict[str, Tensor]:
    """Return the weights of an equivalent network without batch normalisations, float32, by name.

    That network has the specs that `fold_specs` returns, and computes what `network` computes outside
    training.

    Raises:
        GoEngineError: If a batch normalisation follows another kind of layer.
    """
    names = iter(place(fold_specs([layer.spec for layer in network.layers]), network.input))
    weights: dict[str, Tensor] = {}
    target, source = "", ""
    for layer in network.layers:
        module = network._modules.get(layer.name)
        if isinstance(layer.spec, BatchNormalisation):
            assert isinstance(module, BatchNorm)
            bias = getattr(network.get_submodule(source), "bias", None)
            weights |= _folded(module, target, weights[f"{target}.weight"], bias)
            continue
        source, target = layer.name, next(names).name
        if module is not None:
            for name, tensor in module.state_dict().items():
                weights[f"{target}.{name}"] = tensor.detach().clone()
    return weights


def _folded(normalisation: BatchNorm, name: str, weight: Tensor, bias: Tensor | None) -> dict[str, Tensor]:
    mean, variance = normalisation.running_mean, normalisation.running_var
    assert mean is not None
    assert variance is not None
    scale = normalisation.weight.double() / (variance.double() + normalisation.eps).sqrt()
    start = torch.zeros_like(mean) if bias is None else bias
    return {
        f"{name}.weight": (weight.double() * scale.view(-1, *[1] * (weight.dim() - 1))).float().detach(),
        f"{name}.bias": ((start.double() - mean) * scale + normalisation.bias.double()).float().detach(),
    }


@torch.no_grad()
def unfold(network: ConvolutionNetwork, weights: Mapping[str, Tensor], inputs: Iterable[Tensor]) -> None:
    """Copy the weights of a folded network into one with batch normalisations; both then compute the same.

    The running mean and variance of each normalisation become those of its inputs, and its weight and bias
    undo them.

    Args:
        network: The network; its weights are replaced.
        weights: The weights of the network of `fold_specs`, as `fold` returns them.
        inputs: At least one batch, float32 [B, *network.input] on the network's device, like those to
            train on.
    """
    names = iter(place(fold_specs([layer.spec for layer in network.layers]), network.input))
    normalisations: dict[str, BatchNorm] = {}
    target, own = "", nn.Module()
    for layer in network.layers:
        module = network._modules.get(layer.name)
        if isinstance(module, BatchNorm):
            module.running_mean, module.weight[:] = torch.zeros_like(module.weight), 1
            module.running_var = torch.full_like(module.weight, 1 - module.eps)
            bias = 0 if getattr(own, "bias", None) is not None else weights[f"{target}.bias"]
            module.bias[:] = bias
            normalisations[layer.name] = module
            continue
        target = next(names).name
        if module is not None:
            own = module
            for name, tensor in module.state_dict().items():
                tensor.copy_(weights[f"{target}.{name}"])
    statistics = {name: _Statistics(module) for name, module in normalisations.items()}
    training = network.training
    network.eval()
    for batch in inputs:
        network(batch)
    network.train(training)
    for name, module in normalisations.items():
        mean, variance = statistics[name].close()
        assert module.running_mean is not None
        assert module.running_var is not None
        module.running_mean.copy_(mean)
        module.running_var.copy_(variance)
        module.weight.copy_((variance + module.eps).sqrt())
        module.bias.add_(mean)


@torch.no_grad()
def calibrate(network: ConvolutionNetwork, inputs: Iterable[Tensor]) -> None:
    """Set the running statistics of all batch normalisations to those of the inputs.

    Averaged weights need it: their activations vary less than those of the weights that were averaged.

    Args:
        network: The network; its running statistics are replaced.
        inputs: Batches of one size, as the network takes them in training.
    """
    normalisations = [m for m in network.modules() if isinstance(m, BatchNorm)]
    if not normalisations:
        return
    training, momenta = network.training, [module.momentum for module in normalisations]
    network.eval()
    for module in normalisations:
        module.train()
    for number, batch in enumerate(inputs):
        for module in normalisations:
            module.momentum = 1 / (number + 1)  # the mean over the batches
        network.features(batch)
    for module, momentum in zip(normalisations, momenta, strict=True):
        module.momentum = momentum
    network.train(training)


class _Statistics:
    """Mean and variance of each channel of a module's inputs, collected until `close`."""

    def __init__(self, module: nn.Module) -> None:
        self._count = 0
        self._sum: Tensor | float = 0.0
        self._squares: Tensor | float = 0.0
        self._hook = module.register_forward_pre_hook(self._add)

    def _add(self, _: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        x = inputs[0].double().transpose(0, 1).flatten(1)  # [channels, values]
        self._count += x.shape[1]
        self._sum = self._sum + x.sum(dim=1)
        self._squares = self._squares + x.square().sum(dim=1)

    def close(self) -> tuple[Tensor, Tensor]:
        self._hook.remove()
        assert isinstance(self._sum, Tensor)
        assert isinstance(self._squares, Tensor)
        mean = self._sum / self._count
        return mean.float(), (self._squares / self._count - mean.square()).clamp(min=0).float()
