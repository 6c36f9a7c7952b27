"""Proximal policy optimization on goengine/Go-v0 in one file, in the style of CleanRL.

    python examples/ppo.py                              # 5x5 against random moves, a few minutes on two cores
    python examples/ppo.py --size 9 --opponent self     # both colours

Particular to this environment: actions are masked by info["action_mask"], and after the end of a game the
vector environment takes one step to begin the next (AutoresetMode.NEXT_STEP), which is excluded from
training. With --opponent self the two players move in turn, so the value of the next position counts
negatively.

Schulman et al., arXiv 1707.06347; masking: Huang and Ontañón, arXiv 2006.14171.
"""

import argparse
import time
from collections import deque

import gymnasium
import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Categorical

import goengine.env  # registers goengine/Go-v0

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--size", type=int, default=5)
parser.add_argument("--komi", type=float, default=0.5)
parser.add_argument(
    "--opponent", default="random", help="self, random, default, a model folder, a GTP command"
)
parser.add_argument("--minutes", type=float, default=3.0)
parser.add_argument("--games", type=int, default=64, help="games in the vector environment")
parser.add_argument("--steps", type=int, default=64, help="steps of each game per update")
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--minibatches", type=int, default=4)
parser.add_argument("--rate", type=float, default=1e-3)
parser.add_argument("--gamma", type=float, default=0.99)
parser.add_argument("--gae", type=float, default=0.95)
parser.add_argument("--clip", type=float, default=0.2)
parser.add_argument("--entropy", type=float, default=0.01)
parser.add_argument("--seed", type=int, default=1)


class Agent(nn.Module):
    """A small network with a head for the logits of the actions [B, actions], and one for the value [B]."""

    def __init__(self, planes: int, size: int, actions: int, width: int = 32) -> None:
        """Set up the layers."""
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(planes, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(width * size * size, 128),
            nn.ReLU(),
        )
        self.actor, self.critic = nn.Linear(128, actions), nn.Linear(128, 1)
        nn.init.orthogonal_(self.actor.weight, 0.01)

    def forward(self, observation: Tensor, mask: Tensor) -> tuple[Categorical, Tensor]:
        """Return the distribution of actions and the values [B]."""
        hidden = self.trunk(observation.float())
        logits = self.actor(hidden).masked_fill(mask == 0, -1e9)
        return Categorical(logits=logits), self.critic(hidden)[:, 0]


def train(args: argparse.Namespace) -> float:
    """Train, and return the share of the last 500 games that were won."""
    torch.manual_seed(args.seed)
    envs = gymnasium.make_vec(
        goengine.env.GO_ID,
        num_envs=args.games,
        size=args.size,
        komi=args.komi,
        opponent=args.opponent,
        colour="random",
        observation="board",
    )
    planes, size, _ = envs.single_observation_space.shape
    agent = Agent(planes, size, envs.single_action_space.n)
    optimizer = torch.optim.Adam(agent.parameters(), args.rate, eps=1e-5)
    turn = -1.0 if args.opponent == "self" else 1.0  # the sign of the next position's value
    shape = (args.steps, args.games)
    observations = torch.zeros((*shape, planes, size, size), dtype=torch.int8)
    masks = torch.zeros((*shape, size * size + 1), dtype=torch.int8)
    actions = torch.zeros(shape, dtype=torch.int64)
    log_probs, rewards, values, played, ended = torch.zeros((5, *shape))

    results: deque[float] = deque(maxlen=500)
    observation, info = envs.reset(seed=args.seed)
    resetting = np.zeros(args.games, bool)  # games whose next step only begins a new game
    started, updates, moves = time.monotonic(), 0, 0
    while time.monotonic() < started + 60 * args.minutes:
        for step in range(args.steps):
            observations[step], masks[step] = (
                torch.from_numpy(observation),
                torch.from_numpy(info["action_mask"]),
            )
            played[step] = torch.from_numpy(~resetting)
            with torch.no_grad():
                policy, values[step] = agent(observations[step], masks[step])
            actions[step] = policy.sample()
            log_probs[step] = policy.log_prob(actions[step])
            observation, reward, terminated, truncated, info = envs.step(actions[step].numpy())
            over = terminated | truncated
            rewards[step], ended[step] = torch.from_numpy(reward), torch.from_numpy(over)
            results.extend(reward[over])
            resetting = over
            moves += int(played[step].sum())

        with torch.no_grad():
            _, value = agent(torch.from_numpy(observation), torch.from_numpy(info["action_mask"]))
        advantages = torch.zeros(shape)
        later = torch.zeros(args.games)
        for step in reversed(range(args.steps)):
            ongoing = 1 - ended[step]
            error = rewards[step] + args.gamma * turn * value * ongoing - values[step]
            later = error + args.gamma * args.gae * turn * ongoing * later
            advantages[step], value = later, values[step]
        returns = advantages + values

        samples = torch.nonzero(played.flatten())[:, 0]
        flat = [t.flatten(0, 1) for t in (observations, masks, actions, log_probs, advantages, returns)]
        for _ in range(args.epochs):
            for part in samples[torch.randperm(len(samples))].chunk(args.minibatches):
                batch, mask, action, old, advantage, target = (t[part] for t in flat)
                policy, value_now = agent(batch, mask)
                ratio = (policy.log_prob(action) - old).exp()
                advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
                clipped = ratio.clamp(1 - args.clip, 1 + args.clip)
                loss = (
                    -torch.min(ratio * advantage, clipped * advantage).mean()
                    + 0.5 * (value_now - target).square().mean()
                    - args.entropy * policy.entropy().mean()
                )
                optimizer.zero_grad()
                loss.backward()
                nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
                optimizer.step()
        updates += 1
        if updates % 10 == 0 and results:
            seconds = time.monotonic() - started
            print(
                f"{seconds:5.0f} s, {moves:9,} moves, {moves / seconds:6,.0f}/s: "
                f"{(np.mean(results) + 1) / 2:.1%} of the last {len(results)} games won",
                flush=True,
            )
    envs.close()
    return float((np.mean(results) + 1) / 2) if results else 0.0


if __name__ == "__main__":
    train(parser.parse_args())
