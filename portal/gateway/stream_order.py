"""Owns the order in which a streamed Message's events may come. PURE.

Source: Anthropic's reference on streaming Messages: `message_start`; content blocks one after the other, each of
`content_block_start`, deltas and `content_block_stop`; one or more `message_delta`; `message_stop`; `ping` anywhere;
events of other names are to be expected. A converter may leave out numbers of blocks, so only their repetition counts.

Measured with 2.1.330 and 2.1.197: text that comes in `content_block_start` is lost, and a block without its
`content_block_stop` is an empty answer without any error, so neither is let pass. A block without a type, and a delta
that does not fit its block, break the stream; blocks and deltas of other types are passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

OWN_EVENTS: Final = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    },
)
"""The events that make up a Message."""

_FITTING: Final[Mapping[str, str]] = MappingProxyType({"text_delta": "text", "thinking_delta": "thinking"})
"""The type of a delta -> the only type of block that takes it, and the name of what it brings."""


def has_form(delta: object) -> bool:
    """Whether a delta has a type, and a text if it is to bring one."""
    if not isinstance(delta, dict) or not isinstance(delta.get("type"), str):
        return False
    return delta["type"] != "text_delta" or isinstance(delta.get("text"), str)


class _Place(Enum):
    BEFORE = auto()
    BETWEEN = auto()
    IN_BLOCK = auto()
    ENDING = auto()
    DONE = auto()


class StreamOrder:
    """Follows the events of one stream."""

    def __init__(self) -> None:
        self._place = _Place.BEFORE
        self._block: object = None
        self._block_type: object = None
        self._blocks: set[int] = set()

    @property
    def begun(self) -> bool:
        """Whether `message_start` has come."""
        return self._place is not _Place.BEFORE

    @property
    def done(self) -> bool:
        """Whether `message_stop` has come, everything before it in order."""
        return self._place is _Place.DONE

    @property
    def opened(self) -> bool:
        """Whether any content block has been opened."""
        return bool(self._blocks)

    @property
    def block(self) -> object:
        """The number of the content block that is open, or None."""
        return self._block if self._place is _Place.IN_BLOCK else None

    @property
    def closed(self) -> bool:
        """Whether the message has begun and no content block is open."""
        return self._place in {_Place.BETWEEN, _Place.ENDING, _Place.DONE}

    def take(self, kind: str, data: dict[str, object]) -> bool:  # noqa: PLR0911 - one case per event
        """Whether this event may come now; afterwards it has come."""
        if kind not in OWN_EVENTS:
            return True
        index = data.get("index")
        match self._place, kind:
            case _Place.BEFORE, "message_start":
                self._place = _Place.BETWEEN
                return isinstance(data.get("message"), dict)
            case _Place.BETWEEN, "content_block_start":
                block = data.get("content_block")
                if not isinstance(index, int) or index in self._blocks or not isinstance(block, dict):
                    return False
                self._blocks.add(index)
                self._place, self._block, self._block_type = _Place.IN_BLOCK, index, block.get("type")
                return isinstance(self._block_type, str) and not block.get("text")
            case _Place.IN_BLOCK, "content_block_delta":
                delta = data.get("delta")
                if index != self._block or not isinstance(delta, dict):
                    return False
                return _FITTING.get(str(delta.get("type")), self._block_type) == self._block_type
            case _Place.IN_BLOCK, "content_block_stop":
                self._place = _Place.BETWEEN
                return index == self._block
            case ((_Place.BETWEEN | _Place.ENDING), "message_delta"):
                self._place = _Place.ENDING
                return isinstance(data.get("delta"), dict)
            case _Place.ENDING, "message_stop":
                self._place = _Place.DONE
                return True
            case _:
                return False
