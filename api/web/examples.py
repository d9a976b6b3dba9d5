"""What to ask the sample company first."""

from __future__ import annotations

EXAMPLES = (
    "how do I restore a backup",
    "who knows about weak radio signals in cellars",
    "what do I say to a customer who is shouting",
    "why did the forecast miss the bank holiday",
    "who can help me when a heat pump keeps switching on and off",
    "what happens next year to the teams in the field",
)
