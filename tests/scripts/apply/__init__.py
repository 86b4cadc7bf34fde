"""The set-up scripts: the plan, the merge and its engines, `apply.sh` in real shells, `apply.ps1` as text."""
