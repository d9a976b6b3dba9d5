"""The database: tables, engine and transactions, the access rule, one query module a noun."""
