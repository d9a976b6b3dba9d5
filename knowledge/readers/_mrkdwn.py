"""Slack's own notation ("mrkdwn") as Markdown.

Both look alike and differ everywhere: one asterisk is bold, ``&lt;`` is a sign and ``<`` opens a
link or a mention, and line ends count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

MAX_TEXT = 100_000

_CODE = re.compile(r"```(.*?)```|`([^`\n]+)`", re.DOTALL)
_ANGLED = re.compile(r"<([^<>\n]{1,4000})>")
_EMOJI = re.compile(r":([a-z0-9_+-]{1,60}):(?::skin-tone-\d:)?")
# Like Slack's own: a mark opens after white space or a bracket, and closes before the like.
_BOLD = re.compile(r"(?<![\w*\\])\*(?=\S)([^*\n]{1,400}?)(?<=\S)\*(?![\w*])")
_STRIKE = re.compile(r"(?<![\w~\\])~(?=\S)([^~\n]{1,400}?)(?<=\S)~(?![\w~])")
_BULLET = re.compile(r"([ \t]*)([•◦▪])[ \t]*")
_TOKEN = re.compile(r"\x00(\d+)\x00")
_BLOCK = re.compile(r"(?:[-+*] |\d+[.)] |> |```|\s*$)")

EMOJI: Mapping[str, str] = {
    name: sign
    for sign, names in {
        "👍": "+1 thumbsup",
        "👎": "-1 thumbsdown",
        "👏": "clap",
        "🙌": "raised_hands",
        "🙏": "pray",
        "👌": "ok_hand",
        "👋": "wave",
        "💪": "muscle",
        "❤️": "heart",
        "🎉": "tada",
        "🚀": "rocket",
        "🔥": "fire",
        "💯": "100",
        "⭐": "star",
        "✅": "white_check_mark",
        "☑️": "ballot_box_with_check",
        "✔️": "heavy_check_mark",
        "❌": "x",
        "⚠️": "warning",
        "💡": "bulb",
        "👀": "eyes",
        "🙂": "slightly_smiling_face simple_smile",
        "😄": "smile",
        "😀": "grinning",
        "😁": "grin",
        "😂": "joy",
        "😉": "wink",
        "😕": "confused",
        "🤔": "thinking_face",
        "😎": "sunglasses",
        "🐛": "bug",
        "🔒": "lock",
        "📌": "pushpin",
        "📎": "paperclip",
        "➕": "heavy_plus_sign",
        "🎯": "dart",
        "😊": "blush",
        "😃": "smiley",
        "😅": "sweat_smile",
        "😆": "laughing satisfied",
        "🤣": "rolling_on_the_floor_laughing",
        "😛": "stuck_out_tongue",
        "😍": "heart_eyes",
        "😢": "cry",
        "😭": "sob",
        "🙁": "slightly_frowning_face",
        "🙃": "upside_down_face",
        "🤷": "shrug",
        "🤦": "face_palm",
        "👇": "point_down",
        "👉": "point_right",
        "👆": "point_up_2",
        "🙋": "raising_hand",
        "✨": "sparkles",
        "⚡": "zap",
        "❗": "exclamation heavy_exclamation_mark",
        "❓": "question",
        "ℹ️": "information_source",
        "➡️": "arrow_right",
        "📝": "memo pencil",
        "🔧": "wrench",
        "🔗": "link",
        "📅": "date",
        "📈": "chart_with_upwards_trend",
        "☕": "coffee",
    }.items()
    for name in names.split()
}


def to_markdown(
    text: str, person: Callable[[str], str | None], channel: Callable[[str], str | None]
) -> str:
    """A message as Markdown. ``person`` and ``channel`` know what an id is called."""
    text = text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    kept: list[str] = []

    def keep(markdown: str) -> str:
        kept.append(markdown)
        return f"\0{len(kept) - 1}\0"

    def code(found: re.Match[str]) -> str:
        said = found[2] if found[1] is None else found[1]
        words = _decoded(_ANGLED.sub(lambda link: link[1].partition("|")[0], said))
        if found[1] is None:
            return keep(f"`{words}`")
        fence = "```" if "```" not in words else "````"
        inside = words.strip("\n")
        return "\n" + keep(f"{fence}\n{inside}\n{fence}") + "\n" if inside.strip() else ""

    def angled(found: re.Match[str]) -> str:
        return keep(_angled(found[1], person, channel))

    text = _ANGLED.sub(angled, _CODE.sub(code, text))
    text = _EMOJI.sub(lambda found: EMOJI.get(found[1], found[0]), text)
    text = "\n".join(_lines(text))
    return _TOKEN.sub(lambda found: kept[int(found[1])], text).strip("\n")


def _lines(text: str) -> list[str]:
    made: list[str] = []
    everything_quoted = False
    for raw in text.split("\n"):
        everything_quoted = everything_quoted or raw.startswith("&gt;&gt;&gt;")
        mark = re.match(r"&gt;&gt;&gt;[ \t]*|&gt;[ \t]?", raw)
        line = _line(raw[mark.end() :] if mark else raw)
        if mark or everything_quoted:
            line = f"> {line}"
        if made and line.strip():
            flowed, flows = _flows(made[-1]), _flows(line)
            if flowed and flows:
                # A line end counts there, and would be a space here.
                made[-1] += "  "
            elif made[-1] and flowed != flows:
                made.append("")
        made.append(line)
    return made


def _line(text: str) -> str:
    line = re.sub(r"<(?=[A-Za-z/!?])", r"\\<", _decoded(text.rstrip()))
    line = _STRIKE.sub(r"~~\1~~", _BOLD.sub(r"**\1**", line))
    line = re.sub(r"^(#{1,6}(?=\s)|>)", r"\\\1", line)
    if bullet := _BULLET.match(line):
        depth = 1 if bullet[2] != "•" else min(len(bullet[1].expandtabs(4)) // 4, 4)
        line = f"{'  ' * depth}- {line[bullet.end() :]}"
    return line


def _flows(line: str) -> bool:
    """Whether it is a line of a paragraph."""
    words = line.lstrip()
    token = _TOKEN.fullmatch(words.rstrip())
    return bool(words.strip()) and _BLOCK.match(words) is None and token is None


def _angled(
    inside: str, person: Callable[[str], str | None], channel: Callable[[str], str | None]
) -> str:
    target, _, label = inside.partition("|")
    label = _decoded(label).strip()
    if target.startswith("@"):
        return f"@{person(target[1:]) or label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or channel(target[1:]) or target[1:]}"
    if target.startswith("!"):
        words = target[1:].partition("^")[0]
        return label or f"@{words}"
    address = _decoded(target)
    scheme, colon, rest = address.partition(":")
    if not colon or not re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme, re.IGNORECASE):
        return _decoded(inside)
    if scheme == "mailto":
        return label or rest
    address = re.sub(r"[\s<>\\]", lambda sign: f"%{ord(sign[0]):02X}", address)
    if not label or label in (address, rest.lstrip("/")):
        return f"<{address}>"
    safe = re.sub(r"([\\\[\]*`])", r"\\\1", label)
    return f"[{safe}](<{address}>)" if re.search(r"[()]", address) else f"[{safe}]({address})"


def _decoded(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
