"""Owns what routes share: built once by the composition root, found again through the request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from starlette.requests import Request

from portal.profile.model import GatewayProfile
from portal.settings import Settings
from portal.web.assets import Assets
from portal.web.languages import Language, Languages
from portal.web.page_cache import PageCache
from portal.web.templating import Templates


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
        """The portal's own address without a trailing slash, for absolute links."""
        return self.settings.public_url or str(request.base_url).rstrip("/")


def services(request: Request) -> WebServices:
    """The services of the application that got this request."""
    return cast(WebServices, request.app.state.services)
