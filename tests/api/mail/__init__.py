"""Mail, as a server on this machine gets it."""
