"""The real parts: real shells, a real browser, the real Claude Code, a real gateway, real checkers.

    parts        the table: what each part is called, where it is found, how to get it
    install      `make real-parts`: gets what is missing
    plugin       the marker `real("zsh")`, the helper `real_part("zsh")`, the table at the end of a run
    servers      any ASGI application on a free port of this machine
    litellm      LiteLLM in front of a given upstream
    claude       one run of Claude Code in a clean environment
    browser      Chromium through Playwright: `browser`, `new_context`, `context`, `page`
    wine         cmd.exe through Wine: `wine`
    node_tools   axe, html-validate, csp_evaluator, Lighthouse

A missing part skips its tests by name; with ONBOARDING_TEST_REQUIRE_REAL=1 (CI, `make test REAL=required`) it fails
them.
"""
