"""Settings while the engine runs, as GoGui's "param" commands have them."""

from goengine.gtp.engine.protocol import GtpError, Handler
from goengine.gtp.engine.session import Session
from goengine.gtp.engine.settings import CHANGEABLE


def goengine_param(session: Session, name: str | None = None, *value: str) -> str:
    """All settings, a line each; with a name one's value; with a value too, sets it.

    A value may have spaces in it, as the path of a model.
    """
    if name is None:
        return "\n".join(f"{kind} {key} {_text(session, key)}" for key, kind in CHANGEABLE.items())
    if name not in CHANGEABLE:
        raise GtpError(f"there is no setting {name[:40]}; there are {', '.join(CHANGEABLE)}")
    if not value:
        return _text(session, name)
    session.change(name, " ".join(value))
    return ""


def _text(session: Session, name: str) -> str:
    value = getattr(session.settings, name)
    return f"{value:g}" if isinstance(value, float) else str(value)


COMMANDS: dict[str, Handler] = {"goengine-param": goengine_param}
