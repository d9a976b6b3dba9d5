"""What the invented company knows: areas, and the words that belong to each alone."""

from __future__ import annotations

import random

AREAS: dict[str, tuple[str, ...]] = {
    "kilns": ("kiln", "firing", "glaze", "porcelain", "thermocouple", "crucible"),
    "billing": ("invoice", "dunning", "ledger", "reminder", "surcharge", "remittance"),
    "network": ("firewall", "router", "subnet", "gateway", "bandwidth", "latency"),
    "hiring": ("candidate", "interview", "recruiter", "vacancy", "referral", "salary"),
    "shipping": ("parcel", "customs", "freight", "pallet", "courier", "warehouse"),
    "brewing": ("espresso", "grinder", "barista", "portafilter", "descaler", "roast"),
    "databases": ("replica", "vacuum", "schema", "deadlock", "tablespace", "cursor"),
    "contracts": ("clause", "warranty", "indemnity", "arbitration", "liability", "signature"),
    "welding": ("torch", "electrode", "solder", "flux", "weld", "annealing"),
    "robots": ("gripper", "servo", "actuator", "kinematics", "joystick", "encoder"),
    "archives": ("microfilm", "shelfmark", "manuscript", "catalogue", "vellum", "binding"),
    "safety": ("helmet", "evacuation", "extinguisher", "sprinkler", "hazard", "respirator"),
}
"""Each word is in one area only, so that what is searched for can be told from what is written."""

ALONE = "archives"
"""What one person alone knows, who leaves."""

MISSED = ("harpsichord", "jack", "quill", "voicing")
"""What many search for and nobody wrote about."""

VERBS = ("check", "clean", "order", "replace", "measure", "explain", "store", "repair")

_SYLLABLES = "bra cle dro fli gno hru kwi lyo mze nju pfa qio ska twu vry xeo zul".split()

GIVEN = """Ada Ben Cleo Dan Eve Finn Gita Hugo Ines Jon Kit Lena Milo Nora Otto Pia Quin Rosa Sven
Tara Udo Vera Wim Xenia Yuri Zoe""".split()
FAMILY = """Adler Berg Conti Dahl Ebner Field Grau Holm Iversen Jansen Kovar Lind Marsh Novak Osei
Prior Quist Reed Stone Thorn Unger Vask Weir Xu Young Zeman""".split()


def unheard(chance: random.Random) -> str:
    """Words that nobody ever wrote."""
    return " ".join("".join(chance.choices(_SYLLABLES, k=4)) for _ in range(3))


def sentence(chance: random.Random, area: str) -> str:
    """One that speaks of an area."""
    a, b, c = chance.sample(AREAS[area], 3)
    return f"{a.capitalize()} and {b}: {chance.choice(VERBS)} {c}."


def wanted(chance: random.Random, area: str) -> str:
    """A search for something of an area."""
    a, b = chance.sample(AREAS[area], 2)
    return f"{chance.choice(VERBS)} {a} {b}"
