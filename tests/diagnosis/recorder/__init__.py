"""Makes the texts of `tests/diagnosis/texts` by running the real client: `python -m tests.diagnosis.recorder`."""
