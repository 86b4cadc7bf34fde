"""From symptom to fix: what a visitor sees, what may be behind it, what to try, and what helped."""
