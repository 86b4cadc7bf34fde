"""PURE: from what a visitor sees to what helps: symptoms, causes and steps (`catalogue.toml`), and matching text."""
