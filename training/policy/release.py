"""From a checkpoint to a model folder that plays: weights in a storage precision, and a model card."""

from pathlib import Path

import torch

from goengine.errors import GoEngineError
from goengine.nn.model_folder import weights_hash
from goengine.nn.network import PolicyNetwork, save_model
from goengine.policy.loading import load_network
from goengine.training.checkpoint import BEST, CHECKPOINT, load_checkpoint
from goengine.training.config import TrainConfig
from goengine.training.policy.model_card import model_card
from goengine.training.policy.task import policy_network

STORAGE = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}


def release(
    checkpoint: Path,
    folder: Path,
    dtype: str = "bfloat16",
    reports: tuple[Path, ...] = (),
    data: str | None = None,
) -> None:
    """Write the network of a checkpoint as a model folder, storing its weights as `dtype`.

    The network is the average of the weights where the run keeps one. reports, data: for the model card, see
    `goengine.training.policy.model_card.model_card`.

    Raises GoEngineError if the checkpoint or a report cannot be read, or there is no such precision.
    """
    storage = storage_dtype(dtype)
    run = load_checkpoint(checkpoint, TrainConfig)
    network = policy_network(run)
    stored = {name: tensor.to(storage).float().numpy() for name, tensor in network.state_dict().items()}
    card = model_card(run, network, dtype, weights_hash(stored), reports, data)
    save_model(network, folder, storage, card)


def storage_dtype(name: str) -> torch.dtype:
    """The precision of that name. Raises GoEngineError if weights cannot be stored in it."""
    if name not in STORAGE:
        raise GoEngineError(f"weights are stored as {', '.join(STORAGE)}, not {name}")
    return STORAGE[name]


def network_of(source: str) -> PolicyNetwork:
    """The network of a checkpoint file, a run's folder, a model folder or anything else that
    `goengine.policy.loading.load_network` knows by name, float32 on the CPU.

    Raises GoEngineError if it is none of these, or is damaged.
    """
    path = checkpoint_of(source)
    if path.is_file():
        return policy_network(load_checkpoint(path, TrainConfig))
    return load_network(source)


def checkpoint_of(source: str) -> Path:
    """Return the checkpoint that a run's folder releases, its best if it keeps one; another path as it is."""
    path = Path(source)
    return next((path / name for name in (BEST, CHECKPOINT) if (path / name).is_file()), path)
