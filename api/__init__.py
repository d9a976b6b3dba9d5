"""The doors: command line, HTTP, pages, widget. They authenticate, call and render."""
