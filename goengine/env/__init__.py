"""Go as a gymnasium environment.

`gymnasium.make("goengine/Go-v0")` is one game at a time, `gymnasium.make_vec("goengine/Go-v0", num_envs=64)`
many at once. goengine.env.options says what can be chosen. The environment is registered by importing this
package.
"""

from goengine.env.registration import GO_ID, register_environments

register_environments()

__all__ = ["GO_ID", "register_environments"]
