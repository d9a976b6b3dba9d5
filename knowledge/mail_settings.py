"""Settings of the mail that is sent: see ``knowledge.settings``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_Hour = Annotated[int, Field(ge=0, le=23)]


class MailSettings(BaseSettings):
    """Telling people by mail; nothing is sent unless there is a ``host``."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_MAIL_", extra="ignore", frozen=True)

    host: str = Field("", description="The SMTP server that takes mail; none is sent if unset.")
    port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Its port; 0 for 587 with starttls, 465 with tls and 25 with none.",
    )
    tls: Literal["starttls", "tls", "none"] = Field(
        "starttls",
        description="How the line to it is closed to others: starttls, tls from the first byte, or "
        "none, for a server on this machine.",
    )
    allow_plain: bool = Field(
        False, description="Whether none may also be chosen for a server on another machine."
    )
    ca_file: Path | None = Field(
        None,
        description="File of the authority that vouches for the server; the system's if unset.",
    )
    user: str = Field("", description="Who signs in there; nobody if unset.")
    password: SecretStr = Field(SecretStr(""), description="The password of that user.")
    password_file: Path | None = Field(
        None, description="The same in a file, in place of the variable."
    )
    sender: str = Field("", description="The address that mail comes from.")
    digest_hour: _Hour = Field(
        8, description="The hour from Monday to Friday at which what is told once a day is sent."
    )
    quiet_from: _Hour = Field(
        19,
        description="The hour from which nothing is sent until the one below; nor is anything on "
        "Saturdays and Sundays. The same hour twice: nothing is quiet but those.",
    )
    quiet_until: _Hour = Field(7, description="The hour at which the quiet ends.")

    @property
    def on(self) -> bool:
        """Whether mail is sent at all."""
        return bool(self.host)
