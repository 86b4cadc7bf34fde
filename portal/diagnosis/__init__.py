"""PURE: from what a visitor sees to what helps.

* catalogue.toml  symptoms, causes and steps; a profile's own entries change and continue them
* model           what they are; `Catalogue.steps_for(symptom, choices)` in prior order
* load document entries   TOML -> `Catalogue`, or all problems with their places
* actions blocks commands fields   a step for one visitor: what to copy in their shell, sentences filled
* messages        the sentences, for the translators
"""
