"""WHICH gateway: a TOML file -> `GatewayProfile` (frozen, validated). Presets are in `presets/`."""
