"""What each stage of the search is worth: switched one at a time, and one after the other.

    python -m benchmarks.ablations DIR... --vectors DIR [--record]

Candidates of every judged query are collected once through the production code, deeper than it
looks; every variant then ranks the same candidates (``arrangement``). What the passages themselves
change with, as their size, is indexed anew (``reindexed``).
"""
