"""The set-up guide: choices from the query, the page, the files, and the same guide as Markdown and plain text."""
