"""Owns the scripts that run on the visitor’s own machine: apply changes settings, doctor only reads them."""
