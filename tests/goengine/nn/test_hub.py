"""Pushing models to the Hugging Face hub and downloading them, with its real client and a fake hub."""

import os
import subprocess

import huggingface_hub.constants
import numpy as np
import pytest
import torch
from support.commands import GOENGINE
from support.fake_hub import fake_hub
from support.networks import small_network

from goengine.errors import GoEngineError
from goengine.game.board import Board
from goengine.nn.network import PolicyNetwork, save_model
from goengine.policy.loading import load_policy

NAME = "club/policy-9"
PATHS = "/{repo_id}/resolve/{revision}/{filename}"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    constants = huggingface_hub.constants
    with fake_hub() as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
        monkeypatch.setattr(
            constants,
            "HUGGINGFACE_CO_URL_TEMPLATE",
            hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}",
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.chdir(tmp_path)
        yield hub


@pytest.fixture
def shared(hub, tmp_path):
    """A hub that holds a model."""
    save_model(small_network(), tmp_path / "model", torch.float32, "# A card\n")
    hub.repositories[NAME] = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    return hub


def test_a_pushed_network_loads_unchanged(hub, capfd):
    network = small_network()
    network.push_to_hub(NAME, token="none")
    assert set(hub.repositories[NAME]) == {"config.json", "model.safetensors", "README.md"}
    fetched = PolicyNetwork.from_pretrained(NAME)
    assert not fetched.training
    for (name, ours), theirs in zip(network.state_dict().items(), fetched.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name
    assert capfd.readouterr().out == ""


def test_a_network_without_card_gets_a_general_one(hub):
    small_network().push_to_hub(NAME, token="none")
    card = hub.repositories[NAME]["README.md"].decode()
    assert "license: apache-2.0" in card
    assert "library_name: goengine" in card
    assert "load_policy(" in card


def test_a_models_own_card_is_pushed_and_saved(shared, tmp_path):
    fetched = PolicyNetwork.from_pretrained(NAME)
    fetched.save_pretrained(tmp_path / "copy")
    assert (tmp_path / "copy" / "README.md").read_text() == "# A card\n"
    fetched.push_to_hub("club/copy", token="none")
    assert shared.repositories["club/copy"]["README.md"] == b"# A card\n"


@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_a_policy_is_loaded_by_its_id(shared, backend):  # noqa: ARG001
    policy = load_policy(NAME, backend)
    assert policy.name == "policy-9"
    expected = load_policy("model", backend).policy(Board(9))
    np.testing.assert_allclose(policy.policy(Board(9)), expected, atol=1e-2)


def test_a_folder_takes_precedence_over_the_hub(shared, tmp_path):
    save_model(small_network(5), tmp_path / NAME, torch.float32, "")
    assert PolicyNetwork.from_pretrained(NAME).size == 5
    assert shared.requests == []


def test_the_stored_copy_loads_while_the_hub_is_offline(shared, monkeypatch):
    PolicyNetwork.from_pretrained(NAME)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    asked = len(shared.requests)
    assert PolicyNetwork.from_pretrained(NAME).size == 9
    assert len(shared.requests) == asked


def test_a_model_without_a_card_is_downloaded(shared):
    del shared.repositories[NAME]["README.md"]
    assert PolicyNetwork.from_pretrained(NAME).card is None


FAULTS = [
    ("config.json", None, "cannot be downloaded from the Hugging Face hub: it has no file config.json"),
    ("model.safetensors", None, "cannot be downloaded from the Hugging Face hub: it has no file model"),
    ("config.json", b"{", r"config\.json is damaged: it is not JSON"),
    ("config.json", b'{"hidden_size": 3}', "is not the config of a policy network"),
    (
        "config.json",
        b'{"size": 9, "filters": 8, "layers": 4, "planes": 48, "colour": 1}',
        "is not the config of a policy network",
    ),
    ("config.json", b'{"size": 90, "filters": 8, "layers": 4, "planes": 48}', "sets size to 90"),
    ("config.json", b'{"size": 9, "filters": 8, "layers": 5, "planes": 48}', "lacks convolution4.bias"),
    ("config.json", b'{"size": 9, "filters": 8, "layers": 3, "planes": 48}', "holds convolution"),
    ("model.safetensors", b"\x08\0\0\0\0\0\0\0{}", "is damaged or not a safetensors file"),
]


@pytest.mark.parametrize("backend", ["torch", "onnx"])
@pytest.mark.parametrize(("file", "content", "message"), FAULTS)
def test_damaged_models_are_refused_with_one_sentence(shared, backend, file, content, message):
    files = shared.repositories[NAME]
    if content is None:
        del files[file]
    else:
        files[file] = content
    with pytest.raises(GoEngineError, match=message) as caught:
        load_policy(NAME, backend)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("shared")
def test_missing_models_and_an_offline_hub_are_reported(monkeypatch):
    with pytest.raises(GoEngineError, match=r"club/none cannot be downloaded .*: there is no such model"):
        load_policy("club/none")
    with pytest.raises(GoEngineError, match="it has no revision v7"):
        PolicyNetwork.from_pretrained(NAME, revision="v7")
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda _: None)  # between attempts
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(
        huggingface_hub.constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:9" + PATHS
    )
    with pytest.raises(GoEngineError, match="the hub cannot be reached and no copy is stored"):
        load_policy("club/other")


@pytest.mark.long
@pytest.mark.parametrize("backend", ["torch", "onnx"])
def test_gtp_downloads_a_model_without_writing_to_stdout(shared, tmp_path, backend):
    environment = os.environ | {"HF_ENDPOINT": shared.endpoint, "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [*GOENGINE, "gtp", "--model", NAME, "--backend", backend],
        input=b"1 boardsize 9\n2 genmove b\n3 quit\n",
        capture_output=True,
        timeout=120,
        env=environment,
    )
    answers = done.stdout.decode().split("\n\n")
    assert done.returncode == 0
    assert answers[0] == "=1"
    assert answers[1].startswith("=2 ")
    assert answers[2:] == ["=3", ""]
    assert any(request.startswith("GET ") for request in shared.requests)


def test_gtp_reports_a_failed_download(hub, tmp_path):
    environment = os.environ | {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [*GOENGINE, "gtp", "--model", "club/none"],
        input=b"1 genmove b\n",
        capture_output=True,
        timeout=120,
        env=environment,
    )
    assert done.stdout.startswith(
        b"?1 the model club/none cannot be downloaded from the Hugging Face hub: there"
    )
    assert b"Traceback" not in done.stderr
