"""WHICH gateway: a TOML file -> `GatewayProfile` (frozen, validated). Presets are in `presets/`.

* load         a preset's name or a path -> profile, or ProfileError with all problems (reads files, as `logo` does)
* document     a parsed TOML document -> profile or problems; `tables` is its shape, `problems` words the sentences
* addresses headers key_pattern model_ids texts variables      PURE: the rules for single values
* help_tables  the shape of an operator's own symptoms, causes and steps, which `portal.diagnosis` joins and judges
* model        PURE: what the rest of the portal sees
* accent       PURE: the brand's accent -> colours that can be read in both themes
"""
