"""Owns reading the gateway's list of models, page by page. PURE.

Anthropic's shape (`data[].id`, `has_more`, `last_id`) and OpenAI's (`object: list`, `data[].id`) are read, as the
client's own discovery does (measured with 2.1.330). Ids of any vendor are kept, because a gateway may map them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from portal.gateway.access import Access
from portal.gateway.answers import Answer, Ending
from portal.gateway.exchanges import Answered, Exchange, Send, Unanswered
from portal.gateway.outgoing import models_page
from portal.gateway.quotes import shows_key
from portal.gateway.stages import ModelListing, ModelsListed, ModelsUnlisted
from portal.profile.model_ids import is_model_id

LIST_LIMIT: Final = 2 * 1024 * 1024
"""Most bytes of one page that are read; marketplaces describe hundreds of models in half a megabyte."""

MOST_PAGES: Final = 5
"""Pages that are asked for."""

MOST_IDS: Final = 2000
"""Ids that are kept."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: well-formed ids without repeats, and where the next page begins (empty when this is the last)."""

    ids: tuple[str, ...]
    next_after: str


def read_page(answer: Answer) -> Page | None:
    """The page, or None when the answer is no list of models. Never raises, whatever the bytes."""
    if not 200 <= answer.status < 300 or answer.ending is not Ending.COMPLETE:
        return None
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list) or value.get("error"):
        return None
    named = [entry.get("id") for entry in data if isinstance(entry, dict)]
    ids = tuple(dict.fromkeys(name for name in named if isinstance(name, str) and is_model_id(name)))
    if data and not ids:
        return None
    last = value.get("last_id")
    last = last if isinstance(last, str) and is_model_id(last) else (ids[-1] if ids else "")
    return Page(ids, last if value.get("has_more") is True else "")


async def read_models(send: Send, access: Access) -> ModelListing:
    """Ask for pages until the last, a bound, or a page that brings nothing new."""
    ids: dict[str, None] = {}
    duration_ms = 0
    after = ""
    for number in range(MOST_PAGES):
        exchange = await send(models_page(access, after), limit=LIST_LIMIT)
        page = read_page(exchange.answer) if isinstance(exchange, Answered) else None
        duration_ms += exchange.duration_ms if isinstance(exchange, Answered) else exchange.result.duration_ms
        if page is None:
            return _unlisted(exchange) if number == 0 else _listed(ids, duration_ms, complete=False)
        known = len(ids)
        # A gateway may say anything, even the key or most of it: it must not come back as the name of a model, which
        # goes into the page's fields and addresses.
        named = [name for name in page.ids[: MOST_IDS + 1] if not shows_key(name, access.key)]
        ids |= dict.fromkeys(named)
        if not page.next_after:
            return _listed(ids, duration_ms, complete=True)
        if len(ids) == known or len(ids) > MOST_IDS:
            break
        after = named[-1] if shows_key(page.next_after, access.key) else page.next_after
    return _listed(ids, duration_ms, complete=False)


def _listed(ids: dict[str, None], duration_ms: int, *, complete: bool) -> ModelsListed:
    kept = tuple(ids)[:MOST_IDS]
    return ModelsListed(ids=kept, complete=complete and len(kept) == len(ids), duration_ms=duration_ms)


def _unlisted(exchange: Exchange) -> ModelsUnlisted:
    match exchange:
        case Answered(answer=answer):
            return ModelsUnlisted(status=answer.status, duration_ms=exchange.duration_ms)
        case Unanswered(result=result):
            return ModelsUnlisted(status=result.status, duration_ms=result.duration_ms)
