"""Mail: letters become messages, a server takes them, and links in them stop them. What is told,
and to whom, is decided in ``knowledge.outbox`` and ``knowledge.letters``."""
