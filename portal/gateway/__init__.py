"""Speaking to the gateway: outcomes (PURE), the one HTTP client, and a simulated gateway for demo and tests.

results    what one small Messages request can come to (PURE)
answers    what came back over the wire, before anybody understood it (PURE)
bodies     the shape of an answer's body (PURE)
signals    the table from what gateways say to what they mean (PURE)
quotes     what a gateway said, made safe to show (PURE)
classify   answer -> outcome (PURE)
client     the request itself; the only importer of httpx
behaviours, replies, request_log, fake     a simulated gateway
"""
