"""What an operator watches: numbers for Prometheus and spans for an OpenTelemetry collector, both of this process.

Rooms declare their own instruments with the closed words of their vocabulary; no label and no attribute can hold what
a visitor sent. It must not know what is counted.
"""
