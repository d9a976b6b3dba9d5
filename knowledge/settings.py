"""Settings: environment first (``WHOKNOWS_*``), one class a concern, built once and passed in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from knowledge.errors import InvalidSettings
from knowledge.learning_settings import AskSettings, GapSettings, MeasureSettings, Unit
from knowledge.mail_settings import MailSettings
from knowledge.review_months import checked
from knowledge.zones import ZoneName, zone_named

_CONFIG = SettingsConfigDict(env_prefix="WHOKNOWS_", extra="ignore", frozen=True)


class StorageSettings(BaseSettings):
    """Where the truth lives."""

    model_config = _CONFIG

    data: Path = Field(Path("var"), description="Data directory: database, indexes, locks.")
    database_url: str | None = Field(
        None, description="SQLAlchemy URL of the database; SQLite in the data directory if unset."
    )
    lock_timeout_s: float = Field(
        60.0, gt=0, description="Seconds to wait for another process's write before giving up."
    )
    reserve_mb: float = Field(
        64.0, ge=0, description="Free MiB on the disk below which nothing more is taken in."
    )


class EmbeddingSettings(BaseSettings):
    """How texts become vectors."""

    model_config = _CONFIG

    embedder: str = Field(
        "auto",
        description="Embedder: auto (measured once, then kept), onnx_int8, sentence_transformer, "
        "or hashing (deterministic, for tests).",
    )
    model: Path | None = Field(
        None, description="Directory of a local model; the packaged all-MiniLM-L6-v2 if unset."
    )
    cache: Path | None = Field(
        None,
        description="Directory for the model's 8-bit form, which is made once a machine; "
        "`~/.cache/whoknows` if unset.",
    )


class SearchSettings(BaseSettings):
    """The ranking's parameters."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_SEARCH_", extra="ignore", frozen=True)

    depth: int = Field(200, ge=1, description="Passages taken from each retriever.")
    dense_weight: Unit = Field(
        0.65, description="Weight of the semantic score in the fusion; the rest is lexical."
    )
    inside_weight: Unit = Field(0.5, description="The same inside one document.")
    support: Unit = Field(
        0.2, description="How much a document's next four related passages add to its best one."
    )
    title: Unit = Field(
        1.0, description="How much a title that says what is asked adds to its document."
    )
    context: Unit = Field(
        0.6, description="Inside one document: how much a passage's neighbours add to it."
    )
    synonym_weight: Unit = Field(
        0.5, description="Weight of an administrator's synonym beside a word that was typed."
    )
    level: float = Field(
        0.15,
        ge=0,
        le=0.5,
        description="How much a document gains that is written for the reader's own level; 0 for "
        "nothing. It never changes what is found; see docs/teaching.md.",
    )
    confident_from: Unit = Field(
        0.3,
        description="Probability of an answer among the nearest passages below which it is not "
        "called confident; see docs/quality.md.",
    )
    old_days: int = Field(
        730,
        ge=0,
        le=36_500,
        description="Days after which a document that nobody changed or verified since is shown as "
        "perhaps outdated; 0 for never.",
    )
    review_months: Annotated[str, AfterValidator(checked)] = Field(
        "",
        description="By kind, after how many months a document is to be looked at again unless its "
        "owner decides otherwise, as in `note=6 writeup=12`; a kind that is not named never is.",
    )


class PeopleSettings(BaseSettings):
    """How evidence becomes a ranking of people."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_PEOPLE_", extra="ignore", frozen=True)

    dense_weight: Unit = Field(
        0.45, description="Weight of the semantic score in what ranks people."
    )
    votes: int = Field(6, ge=1, description="Best documents that count for one person.")
    discount: Unit = Field(0.7, description="Geometric discount from one vote to the next.")
    sharpness: float = Field(
        0.35, ge=0, description="A document of fused score z votes exp(sharpness × z)."
    )
    share: Unit = Field(
        0.15, description="A contributor's share of a document counts to this power; 0: not at all."
    )
    half_life_days: float = Field(
        0.0, ge=0, description="Age at which evidence counts half; 0 leaves age out."
    )
    confident_from: Unit = Field(
        0.2,
        description="Probability that one of the three likeliest knows, below which nobody is "
        "confirmed to; see docs/quality.md.",
    )
    listed_from: Unit = Field(
        0.03,
        description="Probability that a person knows below which they are not listed, but for the "
        "two likeliest.",
    )
    high_from: Unit = Field(
        0.4, description="Probability that a person knows from which their band is high."
    )
    medium_from: Unit = Field(0.1, description="The same for the medium band.")


class PrivacySettings(BaseSettings):
    """What holds of people who said nothing themselves, and how long what concerns them is kept."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_PRIVACY_", extra="ignore", frozen=True)

    written: Literal["opt-out", "opt-in"] = Field(
        "opt-out",
        description="Whether people are found by what they wrote: opt-out (unless they or the "
        "directory said no), or opt-in (only if they or the directory said yes).",
    )
    spoken: Literal["source", "opt-in", "never"] = Field(
        "source",
        description="Whether people are found by what they said: source (if they or the directory "
        "said yes, or their source declared it and they did not say no), opt-in (only if they or "
        "the directory said yes), or never.",
    )
    appearance_days: int = Field(
        90,
        ge=0,
        le=36_500,
        description="Days for which people can see how often they were shown; 0 counts nothing.",
    )


class ServeSettings(BaseSettings):
    """The service."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_SERVE_", extra="ignore", frozen=True)

    time_zone: ZoneName = Field(
        "UTC",
        description="Where the times of sessions and the hours of mail hold, such as "
        "Europe/Berlin; everything else is told in UTC.",
    )
    query_log_days: int = Field(
        30,
        ge=0,
        le=36_500,
        description="Days for which queries are kept, with a pseudonym of who asked that lasts "
        "a week; 0 keeps none.",
    )
    max_import_mb: float = Field(
        500.0, gt=0, description="Largest file that is taken in over HTTP, in MB."
    )
    max_in_flight: int = Field(
        40, ge=1, description="Requests taken at once; the rest get 503 with Retry-After."
    )
    max_streams: int = Field(
        32, ge=0, description="Streams of an import's progress open at once, besides those."
    )
    max_uploads: int = Field(2, ge=0, description="Exports uploaded at once, besides those.")
    threads: int = Field(
        4, ge=2, description="Requests worked on at once; the others taken wait their turn."
    )
    searches_per_minute: int = Field(
        120,
        ge=0,
        description="Searches a minute that one person may ask, or one token of nobody in "
        "particular; five other readings count as one. 0 sets no limit, here and below.",
    )
    writes_per_minute: int = Field(60, ge=0, description="The same for writes.")
    imports_per_hour: int = Field(20, ge=0, description="The same for files handed in, an hour.")
    site_searches_per_minute: int = Field(
        600, ge=0, description="The same for all who ask at one other site together."
    )
    refusals_per_minute: int = Field(
        300,
        ge=0,
        description="Requests a minute from one address that fail to say who asks; more get 429.",
    )
    sign_ins_per_minute: int = Field(
        120,
        ge=0,
        description="Steps of signing in a minute from one address; one at a provider takes two.",
    )

    @property
    def zone(self) -> tzinfo:
        """What ``time_zone`` names."""
        return zone_named(self.time_zone)


class ImportSettings(BaseSettings):
    """Reading exports."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_IMPORT_", extra="ignore", frozen=True)

    jobs: int = Field(2, ge=1, le=16, description="Imports that run at once; the rest wait.")
    memory_mb: int = Field(
        1024,
        ge=256,
        description="Memory that reading one export may take, in MB; what needs more is refused.",
    )
    cpu_s: int = Field(
        60,
        ge=1,
        description="Seconds of computing for one file, or a megabyte of a larger one, of an "
        "export; what needs more is refused.",
    )


class AuthSettings(BaseSettings):
    """Signing in."""

    model_config = SettingsConfigDict(env_prefix="WHOKNOWS_AUTH_", extra="ignore", frozen=True)

    public_url: str = Field(
        "", description="Where browsers find the service, such as https://knows.example.org."
    )
    session_idle_h: float = Field(
        8.0, gt=0, le=168, description="Hours without a request after which a session ends."
    )
    session_h: float = Field(
        24.0, gt=0, le=720, description="Hours after which a session ends in any case."
    )
    local_accounts: bool = Field(
        True, description="Whether people sign in with a password of their own."
    )
    oidc_issuer: str = Field(
        "", description="The company's OpenID provider; people sign in there if it is set."
    )
    oidc_name: str = Field(
        "your company account", description="What its button calls it: Sign in with …."
    )
    oidc_client_id: str = Field("", description="What the provider calls this service.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="What this service shows to the provider."
    )
    oidc_client_secret_file: Path | None = Field(
        None, description="The same in a file, in place of the variable."
    )
    oidc_scopes: str = Field("openid email profile", description="What the provider is asked for.")
    oidc_groups_claim: str = Field(
        "groups", description="The claim with somebody's groups, taken over at each sign-in."
    )
    oidc_administrators: str = Field(
        "", description="The group of the provider whose members are administrators."
    )
    oidc_trust_days: float = Field(
        7.0,
        gt=0,
        le=365,
        description="Days after somebody's last sign-in there for which their groups and the role "
        "of an administrator from there count, also for tokens and other sites.",
    )
    oidc_directory: bool = Field(
        False,
        description="Whether the provider is the directory: whoever signs in there for the first "
        "time, with a verified address, becomes a colleague.",
    )
    proxies: str = Field(
        "",
        description="Networks of the proxies in front of the service, such as 10.0.0.0/28; "
        "separated by commas.",
    )
    proxy_user_header: str = Field(
        "", description="The header in which they, and nobody else, say who asks: an address."
    )
    proxy_groups_header: str = Field(
        "", description="The header in which they say that person's groups, separated by commas."
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, built once by the composition root."""

    storage: StorageSettings
    embedding: EmbeddingSettings
    search: SearchSettings
    people: PeopleSettings
    privacy: PrivacySettings
    ask: AskSettings
    serve: ServeSettings
    imports: ImportSettings
    auth: AuthSettings
    gaps: GapSettings = dataclasses.field(default_factory=GapSettings)
    measures: MeasureSettings = dataclasses.field(default_factory=MeasureSettings)
    mail: MailSettings = dataclasses.field(default_factory=MailSettings)


_CLASSES: tuple[type[BaseSettings], ...] = (
    StorageSettings,
    EmbeddingSettings,
    SearchSettings,
    PeopleSettings,
    PrivacySettings,
    AskSettings,
    ServeSettings,
    ImportSettings,
    AuthSettings,
    GapSettings,
    MeasureSettings,
    MailSettings,
)


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """One environment variable, for the documentation and its test."""

    name: str
    default: str
    description: str


def load_settings() -> Settings:
    """Read the environment. Raises InvalidSettings naming the variable that is wrong."""
    try:
        return Settings(
            StorageSettings(),
            EmbeddingSettings(),
            SearchSettings(),
            PeopleSettings(),
            PrivacySettings(),
            AskSettings(),
            ServeSettings(),
            ImportSettings(),
            AuthSettings(),
            GapSettings(),
            MeasureSettings(),
            MailSettings(),
        )
    except ValidationError as error:
        first = error.errors()[0]
        prefix = {cls.__name__: cls.model_config["env_prefix"] for cls in _CLASSES}[error.title]
        field = "_".join(str(part) for part in first["loc"]).upper()
        said = first["msg"].removeprefix("Value error, ")
        raise InvalidSettings(f"setting {prefix}{field}: {said}") from error


def all_settings() -> Iterator[SettingInfo]:
    """Every environment variable that is read, in the order of the classes above."""
    for cls in _CLASSES:
        prefix = cls.model_config["env_prefix"]
        for name, field in cls.model_fields.items():
            default = "" if field.default is None else str(field.default)
            default = default.lower() if isinstance(field.default, bool) else default
            yield SettingInfo(f"{prefix}{name.upper()}", default, field.description or "")
