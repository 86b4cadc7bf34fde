"""PURE: what the visitor copies. Every text is a function of (choices, gateway profile) and holds no key."""
