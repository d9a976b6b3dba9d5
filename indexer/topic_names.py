"""What topics are about, in the words of documents: class-based TF-IDF (c-TF-IDF) of

Grootendorst, "BERTopic: Neural topic modeling with a class-based TF-IDF procedure" (2022): all
documents of a topic are one text, and a word counts for as much of it as it is, times the logarithm
of 1 + the words of a usual topic / how often the word stands anywhere. Few topics leave that
logarithm little to tell words apart by, so it is taken times the part of all documents with the
word that are of the topic. Of how often a word stands in a text the root counts (its
``reduce_frequent_words``): otherwise one long transcript names a topic.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from indexer.search.snippets import STOP
from knowledge.store.topics import Words

WORDS = 3
"""As many words name a topic."""
KEPT = 40
"""Words that are kept of a document."""
_SHORTEST = 3
_WORD = re.compile(r"[^\W\d_][\w'’-]*")

_HEAD = 2
# More than a query is freed of: whoever writes or speaks uses them, whatever it is about.
_FUNCTION = STOP | frozenset(
    """about above across again against ago all almost alone along already also although always am
    among another anybody anyone anything anyway around aren't asked back because been before behind
    being below between both but came can't come comes could couldn't day days didn't doesn't doing
    don't done down each either else enough even ever every everybody everyone everything few first
    found further gave get gets getting give given gives goes going gone good got half he he'd he'll
    her here hers herself him himself his however hundred i'd i'll i'm i've instead into isn't
    it'd it'll its itself just keep kept knew know known knows last least less let like little
    long look looks lot made make makes making many maybe might more most mostly much must myself
    need needs neither never next no nobody none nor not nothing now off often okay once one only
    onto other others ours ourselves out over own perhaps put quite rather really right said same
    saw say says see seen several shall she she'd she'll since something sometimes soon still
    such sure take taken takes tell tells than thank thanks that'll themselves then
    they'd they'll they're they've thing things think those though thought three through thus till
    to today together told too took toward towards two under until up upon us use used uses using
    very want wanted wants wasn't way we'd we'll we're we've well went weren't whatever
    whenever whether while whole whose within without won't wouldn't yes yesterday yet you'd you'll
    you're you've yourself""".replace("'", "’").split()
)

Stem = Callable[[str], Sequence[str]]
Forms = Mapping[str, Counter[str]]


def frequent(
    heads: Collection[str], texts: Collection[str], people: Collection[str], stem: Stem
) -> Words:
    """The words that a document is most about, each with its weight, without function words and the
    names of ``people``; of as many alike, the earlier one.

    ``heads``: its title and tags, which say in a few words what it is about, so each of theirs
    weighs twice what the most frequent word of its ``texts`` does. ``stem``: a word as it is
    indexed. A weight is the root of how often a word stands there, in tenths.
    """
    nobody = {word.casefold() for name in people for word in _WORD.findall(name)}
    leading, body = _counted(heads, nobody, stem), _counted(texts, nobody, stem)
    most = max((forms.total() for forms in body.values()), default=1)
    weights = {key: math.sqrt(forms.total()) for key, forms in body.items()}
    for key in leading:
        weights[key] = weights.get(key, 0.0) + _HEAD * math.sqrt(most)
    order = sorted({**leading, **body}, key=lambda key: -weights[key])[:KEPT]
    return [(key, _written(key, leading, body), round(10 * weights[key])) for key in order]


def _counted(
    texts: Collection[str], nobody: Collection[str], stem: Stem
) -> dict[str, Counter[str]]:
    """By stem: how often it stands there in which form."""
    spelled: dict[str, Counter[str]] = {}
    counted = Counter(
        word.casefold().replace("'", "’").removesuffix("’s")
        for text in texts
        for word in _WORD.findall(text)
    )
    for word, count in counted.items():
        if len(word) < _SHORTEST or word in _FUNCTION or word in nobody:
            continue
        stems = stem(word)
        if len(stems) == 1:
            spelled.setdefault(stems[0], Counter())[word] += count
    return spelled


def _written(key: str, leading: Forms, body: Forms) -> str:
    both = leading.get(key, Counter()) + body.get(key, Counter())
    return both.most_common(1)[0][0]


def named(held: Mapping[int, Sequence[Words]]) -> dict[int, tuple[str, ...]]:
    """By topic: the words that tell it most from the others, of the words of its documents. One
    that stands in a single document tells of that one, and one that stands in more than half of the
    topics of none: such words come last."""
    classes = {key: _class(told) for key, told in held.items()}
    everywhere: Counter[str] = Counter()
    spread: Counter[str] = Counter()
    having: Counter[str] = Counter()
    for one in classes.values():
        everywhere.update(one.counts)
        spread.update(one.counts.keys())
        having.update(one.within)
    usual = everywhere.total() / max(len(classes), 1)
    common = {key for key, count in spread.items() if count > max(len(classes) / 2, 1)}
    return {key: _best(one, everywhere, having, usual, common) for key, one in classes.items()}


@dataclass(frozen=True, slots=True)
class _Class:
    """How often each word stands in a topic, in how many documents, and how it is written."""

    counts: Counter[str]
    within: Counter[str]
    forms: dict[str, Counter[str]]


def _class(told: Sequence[Words]) -> _Class:
    made = _Class(Counter(), Counter(), {})
    for words in told:
        for key, form, count in words:
            made.counts[key] += count
            made.within[key] += 1
            made.forms.setdefault(key, Counter())[form] += count
    return made


def _best(
    one: _Class,
    everywhere: Counter[str],
    having: Counter[str],
    usual: float,
    common: Collection[str],
) -> tuple[str, ...]:
    whole = one.counts.total()

    def order(key: str) -> tuple[bool, bool, float, str]:
        worth = one.counts[key] / whole * math.log1p(usual / everywhere[key])
        worth *= one.within[key] / having[key]
        return key in common, one.within[key] < 2, -worth, key

    best = sorted(one.counts, key=order)[:WORDS]
    # Most frequent, and of as many alike the first of the alphabet: not that of some document.
    return tuple(min(one.forms[k], key=lambda form: (-one.forms[k][form], form)) for k in best)
