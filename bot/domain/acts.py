"""What a person does in a conversation; `bot.domain.events` has all that happens to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.domain.pictures import SeenPicture


@dataclass(frozen=True, slots=True)
class Sender:
    """Who acted: the platform's id and the name it shows. Empty for internal events."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A typed message. `reply_to` is the platform's id of the message it answers.

    `under` is the kind of attachment it was written under, "" for a message of its own.
    """

    text: str
    reply_to: str | None = None
    under: str = ""
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Press:
    """A button pressed. `choice` is the id of a `Choice` the bot once offered, perhaps long ago."""

    choice: str
    kind: Literal["press"] = "press"


@dataclass(frozen=True, slots=True)
class Start:
    """The person opened the conversation (for Telegram `/start payload`)."""

    payload: str = ""
    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that is not text: sticker, photo, voice, video, location, poll…

    `file` is where a picture or a voice note can be fetched ("channel:the channel's own name of
    it"), "" when it cannot be or need not; `seen` is what was in it, where a channel has looked
    itself. `caption` is what was written under it. `seconds` is how long a voice note is, 0 where
    the channel does not say.
    """

    what: str
    file: str = ""
    seen: SeenPicture | None = None
    caption: str = ""
    seconds: int = 0
    kind: Literal["attachment"] = "attachment"


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number shared with the platform's own button."""

    phone: str
    kind: Literal["contact"] = "contact"


@dataclass(frozen=True, slots=True)
class Hello:
    """A page was opened and the person has not been greeted yet (web chat, terminal)."""

    kind: Literal["hello"] = "hello"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The platform says that the person takes back their consent: all of theirs is erased."""

    kind: Literal["withdrawn"] = "withdrawn"


PersonEvent = Text | Press | Start | Attachment | Contact | Hello | Withdrawn
