"""The operator's statistics: how many get to a working client, where the others stop, and what to fix next.

Everything is counted by visit, on the day (in the operator's zone) on which the visit began, under the set-up that the
visit looked at last. One pure function says what a visit counts for (`visits.tally`); days that are over, today, a
rebuild and the tests use the same.

- dimensions, visits, histogram, cube: PURE: what is counted, and the groupings that are kept for each day
- sums: PURE: the sums that answer a question, and adding up closed and open days
- intervals, findings: PURE: when a difference is one, and what to fix next
- calendar, question: PURE: days in a zone; period and filters as they stand in the address
- figures, sentences, views, definitions: PURE: the numbers of the page, in words
- models, store: the tables; raw visits, and sums of daily rows
- closing: making, rebuilding and sealing days; removing old visits
- live: the days that are not closed yet, kept in this process and brought up to date at each look
- kept: the answers of closed days, kept in this process until the daily sums change
- service: answering a question from both
- routes, export, metrics, commands: the page, files, Prometheus, the command line
"""
