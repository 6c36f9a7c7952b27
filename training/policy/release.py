"""Releasing a checkpoint of a policy as a model folder."""

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

STORAGE_DTYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16, "float32": torch.float32}


def release(
    checkpoint: Path,
    folder: Path,
    dtype: str = "bfloat16",
    reports: tuple[Path, ...] = (),
    data: str | None = None,
) -> None:
    """Write the network of a checkpoint as a model folder.

    If the run keeps an average of the weights, the network has the averaged weights.

    Args:
        checkpoint: The checkpoint.
        folder: The model folder to write.
        dtype: The precision of the stored weights, one of STORAGE_DTYPES.
        reports: Files for the model card; see `goengine.training.policy.model_card.model_card`.
        data: The training data in words, for the model card.

    Raises:
        GoEngineError: If the checkpoint or a report cannot be read, the precision is unknown, or a weight is
            too large for it.
    """
    storage = storage_dtype(dtype)
    run = load_checkpoint(checkpoint, TrainConfig)
    network = policy_network(run)
    stored = {name: tensor.to(storage).float().numpy() for name, tensor in network.state_dict().items()}
    card = model_card(run, network, dtype, weights_hash(stored), reports, data)
    save_model(network, folder, storage, card)


def storage_dtype(name: str) -> torch.dtype:
    """Return the storage precision of that name.

    Raises:
        GoEngineError: If it is not one of STORAGE_DTYPES.
    """
    if name not in STORAGE_DTYPES:
        raise GoEngineError(f"unknown precision {name!r}; expected one of {', '.join(STORAGE_DTYPES)}")
    return STORAGE_DTYPES[name]


def network_of(source: str) -> PolicyNetwork:
    """Return a policy network, float32 on the CPU.

    Args:
        source: A checkpoint file, a run's folder, or a model as `goengine.policy.loading.load_network` takes
            it.

    Raises:
        GoEngineError: If it is none of these, or is damaged.
    """
    path = checkpoint_of(source)
    if path.is_file():
        return policy_network(load_checkpoint(path, TrainConfig))
    return load_network(source)


def checkpoint_of(source: str) -> Path:
    """Return the checkpoint to release from a run's folder, BEST if it exists; any other path unchanged."""
    path = Path(source)
    return next((path / name for name in (BEST, CHECKPOINT) if (path / name).is_file()), path)
