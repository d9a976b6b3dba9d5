"""What a question is about, without the words that only ask to be told of it.

"Summarize the discussion about backups" and "what did the team say about backups" look for what is
said of backups: words such as "discussion" and "team" stand everywhere in a meeting, and in its
question they would be looked for like any others.
"""

from __future__ import annotations

import re

from indexer.search.forms import any_of, maybe, then

_ABOUT = any_of("about, on, of, regarding, concerning, around, over, upon, when it comes to")
_ARTICLE = maybe("the, their, our, your, its, an?, any, all, main, key, general")
_GROUP = any_of("group, team, meeting, committee, panel, board, participant, speaker, member")
_WHOSE = maybe(rf"(?:\w+ )?{_GROUP}(?:['’]s|s['’]|s)?")
_TALK = any_of(
    """discussions?, conversations?, debates?, talks?, presentations?, exchanges?, arguments?,
    recaps?, decisions?, conclusions?, opinions?, views?, thoughts?, agreements?, suggestions?,
    comments?, remarks?"""
)
_GIVE = any_of("give, show, get, tell") + then("me, us")
_TOLD = f"""{_GIVE}(?: more| something| all)? about,
    {_GIVE} an? {maybe("short, brief, quick")}{any_of("summary, overview, recap, outline")} of,
    {_GIVE} (?:some |more |all )?{any_of("information, info, details")} {_ABOUT}"""
_SUM_UP = any_of(f"summari[sz]e, sum up, recap, outline, {_TOLD}")
# Where only a verb stands before the topic, it may be a name: "Outline SSO setup".
_THIS = "(?= (?:the|this|that|these|those|our|their|his|her|its|an?|all) )"
_ONLY = any_of(f"summari[sz]e, sum up, (?:recap|outline)(?:{_THIS}| {_ABOUT}), {_TOLD}")
_THEY = any_of(
    rf"""(?:the |our )?(?:\w+ )?{_GROUP}s?(?: members)?, they, we, everyone, everybody, people,
    (?:the )?(?:attendees|group ?mates)"""
)
_SAID = any_of(
    """said, discussed, decided, mentioned, talked, presented, concluded, agreed, debated, reported,
    suggested, recommended, proposed, written, known"""
)
_SAY = any_of(
    """discuss(?:ed)?, say, said, talk(?:ed)?, think, thought, decided?, mention(?:ed)?, concluded?,
    agreed?, debated?, report(?:ed)?, suggest(?:ed)?, recommend(?:ed)?, propose[d]?, know, write"""
)
_IT_WAS = any_of("was, is, were, are, has been, have been")
_IN_TALK = f"{_ARTICLE}{_WHOSE}{_TALK}(?: and {_TALK})?(?: made| held| given)? {_ABOUT}"
_CARRIER = re.compile(
    "^(?:please |can you |could you |would you )*"
    + any_of(
        f"""{_SUM_UP} {_IN_TALK}, {_SUM_UP} what {_IT_WAS} {_SAID}{then(_ABOUT)},
        {_ONLY}, what(?:['’]s| {_IT_WAS}) {_IN_TALK},
        what {_IT_WAS} {_SAID} {_ABOUT}, what {any_of("did, do, does, have, has, had")} {_THEY}
        {maybe("finally, eventually")}(?:{_SAY} {_ABOUT}|(?:discuss|mention)(?:ed)?)"""
    )
    + r"(?![\w'’])[ :,]*",
    re.IGNORECASE,
)
_FEWEST = 3
"""Letters of a topic; with less nothing is left to look for."""


def topic(text: str) -> str:
    """The question without what carries it; as it is where nothing else would be left.

    ``text`` has single spaces.
    """
    found = _CARRIER.match(text)
    rest = text[found.end() :] if found else text
    return rest if sum(map(str.isalnum, rest)) >= _FEWEST else text
