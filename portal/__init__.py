"""The Onboarding Portal: from a gateway key to a working `claude` prompt.

The map, from the outside in; each room imports only from the rooms below it (import-linter keeps it so):

    cli            the `portal` command: serve, demo, migrate, backup, restore, profile, admin, stats, purge
    app            the composition root: create_app(settings, profile) -> FastAPI
    backup         a copy of the SQLite database and the way back, while portals serve
    workers        several processes of `portal serve` on one port
    server         uvicorn, and how it stops
    guide          the set-up guide: choices from the query, pages, files, Markdown and plain text
    keycheck       the pasted key against the gateway
    troubleshooting from what a visitor sees to what helped: diagnosis, ranked steps, answers
    admin          the operator's side behind one door: accounts, sessions, sign-in, audit log, statistics
    journeys       what happens on a visit, in closed words; the privacy page
    gateway        speaking to the gateway: outcomes, client, and a simulated gateway for demo and tests
    web            templates, htmx, page cache, assets, headers, error pages
    scripts        PURE: apply and doctor, the script files
    diagnosis      PURE: what goes wrong and what helps (catalogue.toml), beside scripts
    snippets       PURE: what the visitor copies (targets, dialects, probes, settings.json, recipes)
    profile        which gateway (TOML -> GatewayProfile), presets
    counters db keys settings signing      the floor that the rooms stand on
    observability  counters and histograms for Prometheus, spans for OpenTelemetry; every room tells it
    database_engines database_file database_pool      what db is made of
    logs errors paths request_id setting_checks words      the ground floor

The functional core (snippets, scripts, diagnosis, profile, gateway.results) reads no clock, no
environment and no random source, and imports no web framework: every text on the guide is a function of (choices,
profile).
"""

__version__ = "0.1.0"
