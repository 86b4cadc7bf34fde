"""How fast the pages are, as ratios within one run: machines are noisy, ratios less so. `make bench`."""
