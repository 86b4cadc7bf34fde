"""Speaking to the gateway: outcomes (PURE), the one HTTP client, and a simulated gateway for demo and tests.

access         with which header and key the gateway is asked (PURE)
results        what one small Messages request can come to (PURE)
stages         what each stage of the key check can come to (PURE)
outgoing       the small requests (PURE)
client_shape   the rehearsal's request, in the real client's shape (PURE)
exchanges      what one request over the wire can come to (PURE)
answers        what came back over the wire, before anybody understood it (PURE)
bodies         the shape of an answer's body (PURE)
signals        the table from what gateways say to what they mean (PURE)
quotes         what a gateway said, made safe to show (PURE)
classify       answer -> outcome (PURE)
obstacles      failed connection -> why (PURE)
sse, stream_order, stream_probe, model_list, rehearsal     how the stages ask and understand (PURE)
connection_watch     measuring the way to the gateway
client         sending and reading; the only importer of httpx
behaviours, canned, incoming, malformed, refusals, replies, request_log, fake     a simulated gateway
"""
