"""What a query asks for: its intent and its topic."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from indexer.search.results import Intent
from knowledge.errors import InvalidQuery

MAX_CHARS = 4000

_WHO = re.compile(
    r"""^\s*(?:(?:does\s+|do\s+)?any(?:one|body)\s+(?:here\s+)?know(?:s)?(?:\s+(?:about|how|of))?
    |whom?(?:\s+(?:here|else|all))?\s+
      (?:(?:can|could|would|might|may)\s+(?:i\s+(?:ask|talk\s+to|contact)(?:\s+(?:about|for|on))?
          |(?:help|explain|tell|teach|show|assist|advise|answer)\b
           (?:\s+(?:me|us))?(?:\s+(?:with|about|on|how))?
          |know(?:\s+(?:about|how|of))?)
      |(?:knows?|understands?)\b(?:\s+(?:a\s+lot|anything|something|most|more|best))?
          (?:\s+(?:about|how|of))?
      |(?:has|have|had)\s+(?:any\s+)?(?:experience|expertise|knowledge|worked)
          (?:\s+(?:with|in|of|on|about))?
      |(?:is|are)\s+(?:the\s+|an?\s+|our\s+)?(?:experts?|specialists?|go-to(?:\s+person)?|
          person\s+to\s+ask|right\s+person)(?:\s+(?:on|in|for|about|with|of))?
      |(?:is|are)\s+(?:good|experienced|familiar|skilled)\s+(?:at|in|with)
      |(?:do|should|shall|must)\s+(?:i|we)\s+(?:ask|talk\s+to|contact|turn\s+to|speak\s+(?:to|with))
          (?:\s+(?:about|for|on|with|if))?
      |to\s+(?:ask|contact|talk\s+to)(?:\s+(?:about|for|on))?
      |(?:is|was)\s+responsible\s+for|owns|maintains|runs
      |works?\s+(?:on|with)|worked\s+(?:on|with))
    |(?:find\s+(?:me\s+)?)?(?:an?\s+|the\s+)?(?:experts?|specialists?)\s+(?:on|in|for|about|with)
    )\b[\s:,]*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """``topic`` is what the retrievers get: the text without "who knows about…" around it, and
    with its spelling ``corrected``, where that is not None."""

    text: str
    topic: str
    intent: Intent
    corrected: str | None = None

    def corrected_by(self, correct: Callable[[str], str | None]) -> ParsedQuery:
        """The query with its topic put right; what stands around a topic needs no correction."""
        better = correct(self.topic)
        if better is None:
            return self
        before, _, after = self.text.rpartition(self.topic)
        corrected = f"{before}{better}{after}"
        # A question for people may have been mistyped itself.
        again = parse(corrected)
        return replace(again, text=self.text, corrected=corrected)


def parse(text: str) -> ParsedQuery:
    """Raises InvalidQuery, with what to do about it, for a query that holds nothing to find."""
    if len(text) > MAX_CHARS:
        raise InvalidQuery(
            f"the query is longer than {MAX_CHARS:,} characters; ask for one thing at a time"
        )
    shown = " ".join(text.replace("\x00", " ").split())
    if not shown:
        raise InvalidQuery("the query is empty; type what you want to know")
    if not any(character.isalnum() for character in shown):
        raise InvalidQuery("the query holds no word or number; type what you want to know")
    topic = _WHO.sub("", shown, count=1).strip(" ?!.,:;")
    who = topic != shown.strip(" ?!.,:;")
    if not any(character.isalnum() for character in topic):
        topic, who = shown, False
    return ParsedQuery(shown, topic if who else shown, Intent.WHO if who else Intent.ANSWER)
