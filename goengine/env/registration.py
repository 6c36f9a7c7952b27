"""Tells gymnasium what there is. Imports nothing heavy: gymnasium before 1.0 calls it by its entry point."""

import gymnasium

GO_ID = "goengine/Go-v0"


def register_environments() -> None:
    """Register the environment, unless it is already."""
    if GO_ID not in gymnasium.registry:
        gymnasium.register(
            GO_ID,
            entry_point="goengine.env.single:GoEnv",
            vector_entry_point="goengine.env.vector:GoVectorEnv",
        )
