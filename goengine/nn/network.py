"""Networks built from lists of layer specs; the policy network; model folders.

A model is a folder: config.json (what to build), model.safetensors (its weights, float32, bfloat16 or
float16) and README.md (the model card). `PolicyNetwork.from_pretrained` and `.save_pretrained` read and write
it, and `push_to_hub` shares it, as huggingface_hub's users know them.
"""

import copy
import math
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import PyTorchModelHubMixin
from safetensors.torch import save
from torch import Tensor, nn

from goengine.errors import GoEngineError
from goengine.nn.architectures import policy_layers
from goengine.nn.code_words import digit_code_words
from goengine.nn.layers import (
    AveragePooling,
    BatchNormalisation,
    Convolution,
    Dropout,
    Flatten,
    FullyConnected,
    LocalResponseNormalisation,
    MaxPooling,
    PositionBias,
    RadialBasis,
    ReLU,
    ScaledTanh,
    Shape,
    Softmax,
    Spec,
    Subsampling,
)
from goengine.nn.model_folder import (
    CARD_FILE,
    VALUE_FILE,
    VALUE_PREFIX,
    WEIGHTS_FILE,
    ModelConfig,
    check_name,
    fetch_model,
    read_card,
    read_config,
    read_value_head,
    read_weights,
)
from goengine.nn.placement import Layer, place
from goengine.nn.resizing import resize
from goengine.nn.value_head import ValueHead
from goengine.points import check_size
from goengine.util.files import make_folder, whole_file

# Share of He noise beside the identity in a fresh layer: eleven such layers grow activations by a quarter.
IDENTITY_NOISE = 0.2


class _PositionBias(nn.Module):
    """Adds a learned [C, H, W] to every input of the batch."""

    def __init__(self, shape: Shape):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias


class _PartialConvolution(nn.Conv2d):
    """A convolution whose filters see some of the channels alone.

    Its weights [K, C, F, F] to the others count as zero, whatever they are.
    """

    _seen: Tensor

    def __init__(self, *settings: Any, connections: Sequence[Sequence[int]], bias: bool):
        super().__init__(*settings, bias=bias)  # type: ignore[misc]
        seen = torch.zeros(self.weight.shape[:2])
        for number, channels in enumerate(connections):
            seen[number, list(channels)] = 1
        self.register_buffer("_seen", seen[:, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, self.weight * self._seen, self.bias)


class _Subsampling(nn.Module):
    """weight * the sum of each window + bias; both [C]."""

    def __init__(self, channels: int, extent: int, stride: int, padding: int):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), 1 / extent**2))
        self.bias = nn.Parameter(torch.zeros(channels))
        self._sum = nn.AvgPool2d(extent, stride, padding, divisor_override=1)

    def forward(self, x: Tensor) -> Tensor:
        return self._sum(x) * self.weight[:, None, None] + self.bias[:, None, None]


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    """Batch normalisation of [B, C] or [B, C, H, W], without PyTorch's count of batches."""

    def __init__(self, channels: int, epsilon: float, momentum: float):
        super().__init__(channels, epsilon, momentum)
        self.num_batches_tracked = None

    def _check_input_dim(self, input: Tensor) -> None:
        """Accept any."""

    def _load_from_state_dict(self, *arguments: Any) -> None:
        """Load without adding a count of batches, as PyTorch's own version does."""
        nn.Module._load_from_state_dict(self, *arguments)


class _ScaledTanh(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))


class _RadialBasis(nn.Module):
    """Minus the squared distances of [B, 84] to the code words: [B, 10]."""

    _codes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("_codes", torch.from_numpy(digit_code_words()), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return -(x[:, None] - self._codes).square().sum(dim=2)


def _build(layer: Layer) -> nn.Module:
    match layer.spec:
        case Convolution(
            filters=K, extent=F, stride=S, padding=P, bias=bias, groups=groups, connections=seen
        ):
            if seen is not None:
                return _PartialConvolution(layer.input.channels, K, F, S, P, connections=seen, bias=bias)
            return nn.Conv2d(layer.input.channels, K, F, S, P, groups=groups, bias=bias)
        case MaxPooling(extent=F, stride=S, padding=P):  # crops always: `place` refused what should not be
            return nn.MaxPool2d(F, S, P)
        case AveragePooling(extent=F, stride=S, padding=P):
            return nn.AvgPool2d(F, S, P)
        case Subsampling(extent=F, stride=S, padding=P):
            return _Subsampling(layer.input.channels, F, S, P)
        case LocalResponseNormalisation(extent=n, alpha=alpha, beta=beta, k=k):
            return nn.LocalResponseNorm(n, alpha * n, beta, k)  # PyTorch takes the mean of the n squares
        case BatchNormalisation(momentum=momentum, epsilon=epsilon):
            return BatchNorm(layer.input.channels, epsilon, momentum)
        case ReLU():
            return nn.ReLU(inplace=layer.in_place)
        case ScaledTanh():
            return _ScaledTanh()
        case Dropout(share=share):
            return nn.Dropout(share)
        case PositionBias():
            return _PositionBias(layer.input)
        case Flatten():
            return nn.Flatten()
        case FullyConnected(units=units):
            return nn.Linear(layer.input.values, units)
        case RadialBasis():
            return _RadialBasis()
        case Softmax():
            return nn.Softmax(dim=1)
    raise AssertionError(layer)


def _operation(module: nn.Module) -> Callable[[Tensor], Tensor]:
    """What a module computes, as a function."""
    match module:
        case _PartialConvolution():
            return module
        case nn.Conv2d(weight=weight, bias=bias, stride=S, padding=P, groups=groups):
            return partial(torch.conv2d, weight=weight, bias=bias, stride=S, padding=P, groups=groups)
        case nn.ReLU(inplace=in_place):
            return torch.relu_ if in_place else torch.relu
    return module


class ConvolutionNetwork(nn.Module):
    """The PyTorch module of a list of specs, for inputs [B, channels, height, width].

    Public attributes:
      layers -- the list of `goengine.nn.placement.Layer`: names, shapes, costs
      input -- the `Shape` it takes

    `forward` gives logits: a closing softmax is part of the list and its arithmetic, but it is left to the
    loss or to `torch.softmax`. The layers after the last ReLU or tanh run in float32 whatever the precision
    of the rest, since bfloat16 would round logits near 10 to steps of 1/16.
    """

    def __init__(self, specs: Sequence[Spec], shape: Shape):
        super().__init__()
        self.input = shape
        self.layers = place(specs, shape)
        bent = [i for i, layer in enumerate(self.layers) if isinstance(layer.spec, ReLU | ScaledTanh)]
        split = bent[-1] + 1 if bent else 0
        self._trunk = [layer.name for layer in self.layers[:split]]
        self._head = [layer.name for layer in self.layers[split:] if not isinstance(layer.spec, Softmax)]
        for layer in self.layers:
            if not isinstance(layer.spec, Softmax):
                self.add_module(layer.name, _build(layer))
        self.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        return self.logits(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """Return what the last ReLU or tanh gives: for a policy [B, filters, size, size]."""
        for name in self._trunk:
            x = self._modules[name](x)  # type: ignore[misc]
        return x

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits of `features`, in float32."""
        with torch.autocast(x.device.type, enabled=False):
            x = x.float()
            for name in self._head:
                x = self._modules[name](x)  # type: ignore[misc]
        return x

    @property
    def parameter_count(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of a forward pass of one input."""
        return sum(layer.multiply_adds for layer in self.layers)

    def for_inference(self, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        """`forward` on a copy of today's weights: inputs of `dtype`, channels last, to logits in float32.

        The layers up to the last ReLU hold and compute in `dtype`. Operations are called without their
        modules, in which Python spends as long as 5 % of a small network's pass.
        """
        trunk, head = self.parts_for_inference(dtype)
        return lambda x: head(trunk(x))

    def parts_for_inference(
        self, dtype: torch.dtype
    ) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
        """Return `features` and `logits` as `for_inference` has them; the features are of `dtype`."""
        network = copy.deepcopy(self).eval().requires_grad_(False)
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        trunk = []
        for name in self._trunk:
            module = network.get_submodule(name)
            # The statistics of a normalisation stay in float32: they would lose three digits.
            module = module if isinstance(module, BatchNorm) else module.to(dtype)
            trunk.append(_operation(module))
        head = [Tensor.float, *(_operation(network.get_submodule(name)) for name in self._head)]
        return partial(_run, tuple(trunk)), partial(_run, tuple(head))

    def reset_parameters(self, generator: torch.Generator | None = None, identity: bool = True) -> None:
        """Draw fresh weights (biases at zero), so that a deep plain stack trains from its first step.

        Convolutions that keep the number of channels and the size begin as the identity plus a little He
        noise, as a residual block would (Zagoruyko and Komodakis, "DiracNets", 2017): after a ReLU the
        identity passes activations and gradients on unchanged. The others are He-normal (He et al., 2015),
        as are fully connected layers; without `identity` all are. The layer that gives logits, a last one
        that is fully connected or has a single filter, and no ReLU behind it, is zero: the first prediction
        is uniform.
        """
        learned = [layer for layer in self.layers if isinstance(layer.spec, Convolution | FullyConnected)]
        for layer in learned:
            module = self._modules[layer.name]
            assert isinstance(module, nn.Conv2d | nn.Linear)
            with torch.no_grad():
                fan_in = module.weight[0].numel()
                weight = torch.empty(module.weight.shape).normal_(
                    0, math.sqrt(2 / fan_in), generator=generator
                )
                if identity and isinstance(module, nn.Conv2d) and layer.input == layer.output:
                    unchanged = nn.init.dirac_(torch.empty_like(weight), module.groups)
                    weight = unchanged + IDENTITY_NOISE * weight
                if layer is learned[-1] and layer.name in self._head and _gives_logits(layer):
                    weight.zero_()
                module.weight.copy_(weight)
                if module.bias is not None:
                    module.bias.zero_()


def _run(operations: tuple[Callable[[Tensor], Tensor], ...], x: Tensor) -> Tensor:
    for operation in operations:
        x = operation(x)
    return x


def _gives_logits(layer: Layer) -> bool:
    return isinstance(layer.spec, FullyConnected) or layer.output.channels == 1


class SavedNetwork(ConvolutionNetwork, PyTorchModelHubMixin):
    """A network that is kept as a model folder, and shared as one.

    Public attributes, beside those of every network:
      card -- the model card (Markdown) that saving and sharing give it; None for a general one
    """

    card: str | None = None

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write the weights in the precision that they have, and the card if there is one."""
        weights = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        head = {name: weights.pop(name) for name in list(weights) if name.startswith(VALUE_PREFIX)}
        with whole_file(save_directory / WEIGHTS_FILE) as partial:
            partial.write_bytes(save(weights))
        if head:
            with whole_file(save_directory / VALUE_FILE) as partial:
                partial.write_bytes(
                    save({name.removeprefix(VALUE_PREFIX): tensor for name, tensor in head.items()})
                )
        else:
            (save_directory / VALUE_FILE).unlink(missing_ok=True)
        if self.card is not None:
            with whole_file(save_directory / CARD_FILE) as partial:
                partial.write_text(self.card, encoding="utf-8")


_CARD_TEMPLATE = """---
{{ card_data }}
---

# A policy for the game of Go

How likely a strong player plays each point, from the position alone. `config.json` says for which board
size, and with how many layers and filters. What it was trained on is not recorded.

```python
from goengine import Board, load_policy

policy = load_policy("path/to/this/folder")  # or this model's id
probabilities = policy.policy(Board(policy.size))  # float32 [size * size]
```
"""


class PolicyNetwork(
    SavedNetwork,
    library_name="goengine",
    license="apache-2.0",
    tags=["go", "baduk", "weiqi", "board-game", "policy-network"],
    model_card_template=_CARD_TEMPLATE,
):
    """The policy network: planes [B, planes, size, size] to logits [B, size * size] over the points.

    Public attributes, beside those of every network:
      config -- the `ModelConfig` that it was built from; size and filters are its
      value_head -- the `ValueHead` on its features, or None

    Raises GoEngineError if the board's size is not from 2 to 25.
    """

    def __init__(self, size: int = 19, filters: int = 192, layers: int = 13, planes: int = 48):
        check_size(size)
        super().__init__(policy_layers(filters, layers), Shape(planes, size, size))
        self.config = ModelConfig(size, filters, layers, planes)
        self.size = size
        self.filters = filters
        self.value_head: ValueHead | None = None

    def for_size(self, size: int) -> "PolicyNetwork":
        """A copy for a smaller board, on the same device. Raises GoEngineError as `resize` does."""
        weights = {
            name: tensor.detach().float().cpu().numpy()
            for name, tensor in self.state_dict().items()
            if not name.startswith(VALUE_PREFIX)
        }
        config, weights = resize(self.config, weights, size)
        other = PolicyNetwork(config.size, config.filters, config.layers, config.planes)
        other.load_state_dict({name: torch.from_numpy(values) for name, values in weights.items()})
        other.value_head = copy.deepcopy(self.value_head)
        return other.to(next(self.parameters()).device).eval()

    @classmethod
    def from_pretrained(  # type: ignore[override]  # settings come from the model alone
        cls,
        pretrained_model_name_or_path: str | Path,
        *,
        force_download: bool = False,
        token: str | bool | None = None,
        cache_dir: str | Path | None = None,
        local_files_only: bool = False,
        revision: str | None = None,
    ) -> "PolicyNetwork":
        """Load a model folder, or a model of the Hugging Face hub by its id, as float32 in evaluation mode.

        Options are those of `huggingface_hub.ModelHubMixin.from_pretrained`. An existing folder never
        touches the network.

        Raises GoEngineError if a file of the folder is missing or damaged, if it is another kind of model, or
        if a tensor is missing, unknown, of another shape, or not finite; and if it is no folder and cannot be
        fetched.
        """
        folder = Path(pretrained_model_name_or_path)
        if not folder.is_dir():
            check_name(pretrained_model_name_or_path)
            folder = fetch_model(
                str(pretrained_model_name_or_path),
                force_download=force_download,
                token=token,
                cache_dir=cache_dir,
                local_files_only=local_files_only,
                revision=revision,
            )
        read_config(folder)  # the mixin passes over what it does not know
        return super().from_pretrained(str(folder))

    @classmethod
    def _from_pretrained(  # type: ignore[override]
        cls, *, model_id: str, size: int, filters: int, layers: int, planes: int, **_: Any
    ) -> "PolicyNetwork":
        """The mixin's own version prints to stdout, where GTP's answers go, and its errors name no file."""
        with torch.device("meta"):  # takes no memory before the file is known to hold such weights
            network = cls(size, filters, layers, planes)
        weights = read_weights(Path(model_id), network.layers)
        network.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()}, assign=True)
        if (head := read_value_head(Path(model_id), network.config)) is not None:
            network.value_head = ValueHead(filters)
            network.value_head.load_state_dict({name: torch.from_numpy(w) for name, w in head.items()})
        network.card = read_card(Path(model_id))
        return network.eval()


def save_model(network: SavedNetwork, folder: Path, dtype: torch.dtype, card: str) -> None:
    """Write a model folder, the weights stored as `dtype`, `card` (Markdown) as its README.md.

    Raises GoEngineError if it cannot be written, or `dtype` cannot hold the weights.
    """
    stored = copy.deepcopy(network).cpu().to(dtype)
    for name, tensor in stored.state_dict().items():
        if not bool(tensor.isfinite().all()):
            kind = str(dtype).removeprefix("torch.")
            raise GoEngineError(f"{folder} was not written: {name} holds what is no finite number in {kind}")
    make_folder(folder)
    stored.card = card
    stored.save_pretrained(folder)


def unpack(packed: Tensor, size: int, dtype: torch.dtype) -> Tensor:
    """Packed planes, uint8 [B, bytes], as `dtype` [B, 48, size, size], channels last, on their device.

    Bit i of a row, counted from the low bit of its first byte, is plane i // size**2 at point i % size**2.
    """
    points = size * size
    planes = packed.shape[1] * 8 // points  # the padding is less than one plane
    if packed.device.type == "cpu":  # a third of the time of the shifts below
        bits = torch.from_numpy(np.unpackbits(packed.numpy(), axis=1, bitorder="little"))
    else:
        shifts = torch.arange(8, dtype=torch.uint8, device=packed.device)
        bits = ((packed.unsqueeze(-1) >> shifts) & 1).view(len(packed), -1)
    bits = bits[:, : planes * points].view(-1, planes, size, size)
    return bits.contiguous(memory_format=torch.channels_last).to(dtype)  # bytes are the least to move about
