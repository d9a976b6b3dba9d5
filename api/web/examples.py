"""What to ask the sample company first."""

from __future__ import annotations

RESTRICTED = "what may I say about salary bands"
"""Answered for the leads alone: whoever asks it again as somebody else sees access at work."""

EXAMPLES = (
    "how do I restore a backup",
    "who knows about weak radio in cellars",
    "what do I say to a customer who shouts",
    "why did the forecast miss the holiday",
    "who can help with a noisy heat pump",
    RESTRICTED,
)
