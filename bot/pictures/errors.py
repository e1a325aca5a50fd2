"""PictureError: a picture is not read; `fault` says why, in the words of the domain."""

from __future__ import annotations

from bot.domain.pictures import PictureFault
from bot.errors import CongdansoError


class PictureError(CongdansoError):
    """Bytes from outside are no picture that is read here."""

    def __init__(self, fault: PictureFault) -> None:
        super().__init__(fault.value)
        self.fault = fault
