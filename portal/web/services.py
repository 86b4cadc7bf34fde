"""Owns what routes share: built once by the composition root, found again through the request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast

from starlette.exceptions import HTTPException
from starlette.requests import Request

from portal.profile.model import GatewayProfile
from portal.settings import Settings
from portal.web.assets import Assets
from portal.web.languages import Language, Languages
from portal.web.page_cache import PageCache
from portal.web.templating import Templates

_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class WebServices:
    """The shared parts of the web side; frozen, because every request of a process uses the same."""

    settings: Settings
    profile: GatewayProfile
    templates: Templates
    languages: Languages
    assets: Assets
    pages: PageCache

    def language_of(self, request: Request) -> Language:
        """The visitor's language."""
        return self.languages.choose(request.query_params.get("lang", ""), request.headers.get("accept-language", ""))

    def origin_of(self, request: Request) -> str:
        """The portal's own address without a trailing slash, for absolute links and for comparing with `Origin`.

        Raises:
            HTTPException: 400 for a `Host` header that is no host, when the operator did not set the address.
        """
        if self.settings.public_url:
            return self.settings.public_url
        host = request.headers.get("host", "")
        if not _HOST.fullmatch(host):
            raise HTTPException(400)
        return f"{request.scope['scheme']}://{host}"


def services(request: Request) -> WebServices:
    """The services of the application that got this request."""
    return cast(WebServices, request.app.state.services)
