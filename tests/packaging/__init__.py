"""What the project is installed from and as: lock files, virtual environment, wheel."""
