"""What is measured: each measure once, a file a family. See docs/measures.md."""
