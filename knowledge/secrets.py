"""Secrets that people leave in pages: found by their form, and masked before anything is stored.

Only what is a secret by its form, or by the name of the setting that holds it, is taken: a masked
word that was none is worse for a reader than for nobody. Forms: the issuers' documentation, as
also used by secret scanners (gitleaks, detect-secrets).
"""

from __future__ import annotations

import re
from collections import Counter

MASK = "•"
"""What each character of a secret becomes: what comes after it stays where it was."""

_FORMS = {
    "private key": re.compile(
        r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){20,20000}"
        r"-----END (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    ),
    "AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{60,255})\b"),
    "GitLab token": re.compile(r"\bglpat-[\w-]{20,64}\b"),
    "Slack token": re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}\b"),
    "Slack webhook": re.compile(r"https://hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,64}"),
    "Google API key": re.compile(r"\bAIza[\w-]{35}\b"),
    "Stripe key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,250}\b"),
    "npm token": re.compile(r"\bnpm_[A-Za-z0-9]{36}\b"),
    "JSON web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "API key": re.compile(r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,200}\b"),
    "whoknows token": re.compile(r"\bwk_[A-Za-z0-9_-]{40,80}(?![\w-])"),
}
# "password = hunter2" in a config block, and "https://name:password@host".
_SETTING = re.compile(
    r"""(?P<name>\b[\w.-]{0,40}(?:passw(?:or)?d|passphrase|(?<![a-z])pwd|(?<![a-z])pass
        |secret(?:[_-]?key)?|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token
        |client[_-]?secret|private[_-]?key))
        (?P<sign>["']?[ \t]{0,4}(?:=|:|=>|>)[ \t]{0,4})
        (?:(?P<quote>["'])(?P<quoted>[^"'\r\n]{6,200})(?P=quote)
          |(?P<value>[^\s"'`<>;|]{6,200}))""",
    re.IGNORECASE | re.VERBOSE,
)
_ADDRESS = re.compile(
    r"(?P<head>\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@<>\"']{1,80}:)(?P<value>[^\s:/@<>\"']{3,200})(?=@[\w.-])"
)
# Code: fenced, also in lists and quotes and never closed, or indented.
_CODE = re.compile(
    r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(?P<fence>`{3,}|~{3,})"
    r"[\s\S]*?(?:^[ \t>]*(?P=fence)|\Z)"
    r"|(?:^(?:[ ]{4}|\t).*(?:\n|\Z))+",
    re.MULTILINE,
)
_PLACEHOLDER = re.compile(
    r"""x+|\*+|\.+|•+|-+|_+|(?:your|my|the|some|a|an|enter|insert|put|example|sample|change|new|old
        |default|dummy|fake|test|foo|bar|todo|null|none|true|false|string|required|optional|value
        |password|passwd|secret|token|key|hidden|redacted|masked|env|process|os|config|settings
        |secrets|vault)(?![a-z])\D*|.*(?:changeme|placeholder|example).*|[%<$\#/{(\[].*
        |[a-z_]\w*(?:\.\w+)+(?:[(\[].*)?|[a-z_]\w*\(.*""",
    re.IGNORECASE | re.VERBOSE,
)


def mask(text: str) -> tuple[str, Counter[str]]:
    """The text with its secrets masked, and how many of each kind there were."""
    found: Counter[str] = Counter()
    for kind, form in _FORMS.items():
        text, count = form.subn(lambda match: MASK * len(match[0]), text)
        if count:
            found[kind] += count

    def hide(match: re.Match[str], kind: str) -> str:
        group = "value" if match["value"] is not None else "quoted"
        value = match[group].rstrip(",)]}") if group == "value" else match[group]
        if value.startswith(MASK) or not _is_secret(value, kind):
            return match[0]
        found[kind] += 1
        at = match.start(group) - match.start()
        return match[0][:at] + MASK * len(value) + match[0][at + len(value) :]

    text = _ADDRESS.sub(lambda m: hide(m, "password in an address"), text)
    text = _CODE.sub(
        lambda block: _SETTING.sub(lambda m: hide(m, "password in a setting"), block[0]), text
    )
    return text, found


def _is_secret(value: str, kind: str) -> bool:
    # SOME_NAME is another variable, data.some.name where it is kept.
    if _PLACEHOLDER.fullmatch(value) or (value.isupper() and "_" in value):
        return False
    return kind == "password in an address" or not value.isalpha() or len(value) >= 12
