"""What browsers get: templates, static files, and what turns results into pages."""
