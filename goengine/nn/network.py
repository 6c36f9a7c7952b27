"""Networks built from layer specs, and the policy network.

Networks are saved as model folders (see `goengine.nn.model_folder`). `PolicyNetwork.from_pretrained`,
`save_pretrained` and `push_to_hub` work as in other libraries that use huggingface_hub.
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
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn

from goengine.errors import GoEngineError
from goengine.nn.architectures import policy_layers
from goengine.nn.layers import (
    Convolution,
    FullyConnected,
    ReLU,
    ScaledTanh,
    Shape,
    Softmax,
    Spec,
)
from goengine.nn.model_folder import (
    CARD_FILE,
    VALUE_FILE,
    VALUE_PREFIX,
    WEIGHTS_FILE,
    PolicyConfig,
    check_name,
    fetch_model,
    read_card,
    read_config,
    read_value_head,
    read_weights,
)
from goengine.nn.modules import BatchNorm, build_module, module_function
from goengine.nn.placement import Layer, place
from goengine.nn.resizing import resize
from goengine.nn.value_head import ValueHead
from goengine.points import check_size
from goengine.util.files import make_folder, whole_file

IDENTITY_NOISE = 0.2
"""The share of He noise added to the identity in a fresh layer; over 11 layers activations grow by 25 %."""


class ConvolutionNetwork(nn.Module):
    """The PyTorch module of a list of specs, for inputs [B, channels, height, width].

    `forward` returns logits: a final softmax is one of the layers, but computing it is left to the loss or to
    `torch.softmax`. The layers after the last ReLU or tanh run in float32 whatever the precision of the
    others, since bfloat16 would round logits near 10 to steps of 1/16.

    Attributes:
        layers: The list of `goengine.nn.placement.Layer`: names, shapes, costs.
        input: The `Shape` of its input.
    """

    def __init__(self, specs: Sequence[Spec], shape: Shape) -> None:
        """Build the network with fresh weights.

        Raises:
            GoEngineError: If a layer does not fit its input.
        """
        super().__init__()
        self.input = shape
        self.layers = place(specs, shape)
        activations = [i for i, layer in enumerate(self.layers) if isinstance(layer.spec, ReLU | ScaledTanh)]
        split = activations[-1] + 1 if activations else 0
        self._trunk = [layer.name for layer in self.layers[:split]]
        self._head = [layer.name for layer in self.layers[split:] if not isinstance(layer.spec, Softmax)]
        for layer in self.layers:
            if not isinstance(layer.spec, Softmax):
                self.add_module(layer.name, build_module(layer))
        self.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float32."""
        return self.logits(self.features(x))

    def features(self, x: Tensor) -> Tensor:
        """Return the output of the last ReLU or tanh: [B, filters, size, size] for a policy."""
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
        """The number of weights and biases."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiply_adds(self) -> int:
        """The number of multiply-adds of a forward pass for one input."""
        return sum(layer.multiply_adds for layer in self.layers)

    def for_inference(self, dtype: torch.dtype) -> Callable[[Tensor], Tensor]:
        """Return `forward` for inference, as a function on a copy of the present weights.

        It takes inputs of `dtype`, channels last, and returns logits in float32. The layers up to the last
        activation store and compute in `dtype`. Operations are called without their modules, whose overhead
        is 5 % of a small network's forward pass.
        """
        trunk, head = self.parts_for_inference(dtype)
        return lambda x: head(trunk(x))

    def parts_for_inference(
        self, dtype: torch.dtype
    ) -> tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]:
        """Return `features` and `logits` as functions, as in `for_inference`; the features have `dtype`."""
        network = copy.deepcopy(self).eval().requires_grad_(False)
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        trunk = []
        for name in self._trunk:
            module = network.get_submodule(name)
            # The statistics of a normalisation stay in float32, for three more digits.
            module = module if isinstance(module, BatchNorm) else module.to(dtype)
            trunk.append(module_function(module))
        head = [Tensor.float, *(module_function(network.get_submodule(name)) for name in self._head)]
        return partial(_run, tuple(trunk)), partial(_run, tuple(head))

    def reset_parameters(self, generator: torch.Generator | None = None, identity: bool = True) -> None:
        """Draw fresh weights, with biases at zero, so that a deep plain stack trains from its first step.

        Convolutions that keep the number of channels and the size start as the identity plus a little He
        noise, like a residual block (Zagoruyko and Komodakis, "DiracNets", 2017): after a ReLU the identity
        passes activations and gradients on unchanged. Other convolutions and fully connected layers are
        He-normal (He et al., 2015). A last layer that gives logits (fully connected or of a single filter,
        with no activation after it) is zero, so that the first prediction is uniform.

        Args:
            generator: The source of random numbers; PyTorch's own unless given.
            identity: Whether convolutions may start near the identity; otherwise all are He-normal.
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
    """A network that is saved and shared as a model folder.

    Attributes:
        card: The model card (Markdown) to save with it; None for a general one.
    """

    card: str | None = None

    def _save_pretrained(self, save_directory: Path) -> None:
        """Write the weights in their own precision, and the card if there is one."""
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

It predicts from a position how likely a strong player plays each point. `config.json` has its board size and
the number of its layers and filters. What it was trained on is not recorded.

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

    Attributes:
        config: The `PolicyConfig` that it was built from.
        size: The board size.
        filters: The number of filters of each layer.
        value_head: The `ValueHead` on its features, or None.
    """

    def __init__(self, size: int = 19, filters: int = 192, layers: int = 13, planes: int = 48) -> None:
        """Build a policy network with fresh weights.

        Raises:
            GoEngineError: If the board size is not from 2 to 25, or layers or filters are too few.
        """
        check_size(size)
        super().__init__(policy_layers(filters, layers), Shape(planes, size, size))
        self.config = PolicyConfig(size, filters, layers, planes)
        self.size = size
        self.filters = filters
        self.value_head: ValueHead | None = None

    def layer_weights(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights of the layers as arrays by name, without those of the value head."""
        return {
            name: tensor.detach().float().cpu().numpy()
            for name, tensor in self.state_dict().items()
            if not name.startswith(VALUE_PREFIX)
        }

    def for_size(self, size: int) -> "PolicyNetwork":
        """Return a copy for a smaller board, on the same device.

        Raises:
            GoEngineError: If it cannot play that size, see `goengine.nn.resizing.can_resize`.
        """
        config, weights = resize(self.config, self.layer_weights(), size)
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

        The options are those of `huggingface_hub.ModelHubMixin.from_pretrained`. If the folder exists,
        nothing is downloaded.

        Raises:
            GoEngineError: If a file is missing or damaged, it is another kind of model, a tensor is missing,
                unknown, of another shape or not finite, or the model cannot be downloaded.
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
        read_config(folder, PolicyConfig)  # the mixin ignores unknown fields
        return super().from_pretrained(str(folder))

    @classmethod
    def _from_pretrained(  # type: ignore[override]
        cls, *, model_id: str, size: int, filters: int, layers: int, planes: int, **_: Any
    ) -> "PolicyNetwork":
        """Load a folder. The mixin's own version prints to stdout, where GTP answers go."""
        with torch.device("meta"):  # takes no memory until the weights file has been checked
            network = cls(size, filters, layers, planes)
        weights = read_weights(Path(model_id), network.layers)
        network.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()}, assign=True)
        if (head := read_value_head(Path(model_id), network.config)) is not None:
            network.value_head = ValueHead(filters)
            network.value_head.load_state_dict({name: torch.from_numpy(w) for name, w in head.items()})
        network.card = read_card(Path(model_id))
        return network.eval()


def save_model(network: SavedNetwork, folder: Path, dtype: torch.dtype, card: str) -> None:
    """Write a model folder.

    Args:
        network: The network; it is not changed.
        folder: The folder, made if there is none.
        dtype: The precision of the stored weights.
        card: The model card (Markdown), stored as README.md.

    Raises:
        GoEngineError: If the folder cannot be written, or `dtype` cannot hold the weights.
    """
    stored = copy.deepcopy(network).cpu().to(dtype)
    for name, tensor in stored.state_dict().items():
        if not bool(tensor.isfinite().all()):
            kind = str(dtype).removeprefix("torch.")
            raise GoEngineError(f"{folder} was not written: {name} is not finite in {kind}")
    make_folder(folder)
    stored.card = card
    stored.save_pretrained(folder)


def unpack(packed: Tensor, size: int, dtype: torch.dtype) -> Tensor:
    """Unpack planes on their device: uint8 [B, bytes] gives `dtype` [B, 48, size, size], channels last.

    Bit i of a row, counted from the low bit of its first byte, is plane i // size**2 at point i % size**2.
    """
    points = size * size
    planes = packed.shape[1] * 8 // points  # the padding is less than one plane
    if packed.device.type == "cpu":  # three times as fast as the shifts below
        bits = torch.from_numpy(np.unpackbits(packed.numpy(), axis=1, bitorder="little"))
    else:
        shifts = torch.arange(8, dtype=torch.uint8, device=packed.device)
        bits = ((packed.unsqueeze(-1) >> shifts) & 1).view(len(packed), -1)
    bits = bits[:, : planes * points].view(-1, planes, size, size)
    bits = bits.contiguous(memory_format=torch.channels_last)  # reordered while values are bytes
    return bits.to(dtype)
