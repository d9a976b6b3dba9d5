"""Invented questions of a company: each line is one thing, asked for in several ways."""

QUESTIONS = (
    (
        "how do I reset my vpn password",
        "vpn password forgotten",
        "reset password for the vpn",
        "new vpn password",
        "I forgot my vpn password",
    ),
    ("vpn is slow from home", "slow vpn at home", "vpn connection slow home office"),
    (
        "how to book a meeting room",
        "reserve a meeting room",
        "meeting room booking",
        "book a conference room",
    ),
    (
        "parental leave how long",
        "how much parental leave do I get",
        "parental leave rules",
        "length of parental leave",
    ),
    (
        "who approves travel expenses",
        "travel expense approval",
        "approval of travel costs",
        "who signs off travel expenses",
    ),
    (
        "printer on third floor jams",
        "printer paper jam third floor",
        "third floor printer is jammed",
    ),
    (
        "renew ssl certificate of the web shop",
        "web shop certificate renewal",
        "how to renew the shop's tls certificate",
        "certificate of the web shop expires",
    ),
    (
        "calibrate the flow sensor",
        "flow sensor calibration",
        "how is the flow sensor calibrated",
        "calibration of flow sensors",
    ),
    (
        "restore a database backup",
        "how to restore the database from backup",
        "database backup restore steps",
    ),
    (
        "onboarding checklist for new engineers",
        "checklist for new engineers",
        "what do new engineers need on day one",
    ),
    (
        "customer refund process",
        "how to refund a customer",
        "refund for a customer",
        "process of customer refunds",
    ),
    (
        "reset wind turbine controller",
        "turbine controller reset",
        "how do I restart the turbine controller",
    ),
    ("book a company car", "how to reserve a company car", "company car booking"),
    (
        "sick leave note needed",
        "do I need a doctor's note for sick leave",
        "doctor's note sick leave",
    ),
)
