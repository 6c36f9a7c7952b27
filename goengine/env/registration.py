"""Registration of the environment with gymnasium.

Imports nothing heavy: gymnasium before 1.0 calls the entry point whenever it is imported.
"""

import gymnasium

GO_ID = "goengine/Go-v0"


def register_environments() -> None:
    """Register the environment if it is not registered yet."""
    if GO_ID not in gymnasium.registry:
        gymnasium.register(
            GO_ID,
            entry_point="goengine.env.single:GoEnv",
            vector_entry_point="goengine.env.vector:GoVectorEnv",
        )
