"""The operator's side: who may look (accounts, sessions, sign-in), what was done (audit), and the statistics."""
