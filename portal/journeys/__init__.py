"""What happens on a visit, as closed-vocabulary events: what is recorded, by whom, and how it is read again.

- vocabulary: PURE: the words that may be recorded, and nothing else may
- events: PURE: an event, and reading a posted one
- models: the tables
- store: writing and reading them, on a connection whose transaction the caller owns
- cookie: which visit a request belongs to, if it may be recorded at all
- recording: for other rooms: record something that happened, without ever getting in the visitor's way
- privacy: PURE: what is recorded, in sentences, made of the vocabulary
- verified: PURE: the visitor's own word that the client works
- routes: POST /journey, the form of `verified`, and the privacy page
"""
