"""What people know and who may see it: the only package that speaks SQL."""
