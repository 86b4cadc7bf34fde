"""What is believed of a provider's answers, token by token."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from portal.admin.oidc import (
    Attempt,
    NotAllowed,
    Person,
    Provider,
    ProviderOddError,
    UnknownKeyError,
    decide,
    is_safe,
    read_metadata,
    token_request,
    verified_claims,
    with_userinfo,
)

ISSUER = "https://id.example.com"
NOW = 1_800_000_000
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
CURVE = ECKey.generate_key("P-256", {"kid": "two", "use": "sig", "alg": "ES256"})
KEYS = KeySet([RSAKey.import_key(KEY.as_dict(private=False)), ECKey.import_key(CURVE.as_dict(private=False))])
GOOD = {"iss": ISSUER, "sub": "eva", "aud": "portal", "exp": NOW + 300, "iat": NOW - 5, "nonce": "n"}
PROVIDER = Provider(ISSUER, "portal", "", frozenset({"operators"}), frozenset(), "Acme")


def verify(token: str) -> Any:
    return verified_claims(token, KEYS, PROVIDER, nonce="n", access_token="at", now=NOW)


def signed(claims: dict[str, Any], key: RSAKey | ECKey = KEY, **header: str) -> str:
    return jwt.encode({"alg": str(key.alg), "kid": str(key.kid), **header}, claims, key)


@pytest.mark.parametrize("key", [KEY, CURVE], ids=["RS256", "ES256"])
def test_token_is_believed_when_everything_fits(key: RSAKey | ECKey) -> None:
    assert verify(signed(GOOD, key))["sub"] == "eva"


def test_token_is_believed_when_it_names_no_key_and_there_is_one() -> None:
    alone = KeySet([RSAKey.import_key(KEY.as_dict(private=False))])
    token = jwt.encode({"alg": "RS256"}, GOOD, KEY)
    assert verified_claims(token, alone, PROVIDER, nonce="n", access_token="", now=NOW)["sub"] == "eva"


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.test"},
        {"iss": f"{ISSUER}/"},
        {"aud": "another"},
        {"aud": ["portal", "another"]},
        {"aud": ["portal", "another"], "azp": "another"},
        {"aud": []},
        {"azp": "another"},
        {"exp": NOW - 61},
        {"exp": "tomorrow"},
        {"iat": NOW + 61},
        {"nbf": NOW + 61},
        {"nonce": "another"},
        {"nonce": None},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"sub": ""},
        {"sub": 7},
        *({name: ...} for name in ("iss", "sub", "aud", "exp", "iat", "nonce")),
    ],
    ids=str,
)
def test_token_is_refused_when_a_claim_is_wrong(changed: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**GOOD, **changed}.items() if value is not ...}
    with pytest.raises(ProviderOddError):
        verify(signed(claims))


def test_token_for_several_clients_is_believed_when_it_was_issued_to_us() -> None:
    assert verify(signed({**GOOD, "aud": ["portal", "another"], "azp": "portal"}))


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def with_secret(header: dict[str, str], secret: bytes) -> str:
    text = f"{part(header)}.{part(GOOD)}"
    signature = hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


FORGERIES: dict[str, Callable[[], str]] = {
    "unsigned": lambda: f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(GOOD)}.",
    "published key as a secret": lambda: with_secret({"alg": "HS256", "kid": "one"}, KEY.as_pem(private=False)),
    "another key of the same name": lambda: signed(GOOD, RSAKey.generate_key(2048, {"kid": "one", "alg": "RS256"})),
    "claims of another token": lambda: ".".join(
        [signed(GOOD).split(".")[0], part({**GOOD, "sub": "root"}), signed(GOOD).split(".")[2]]
    ),
    "key in the header": lambda: jwt.encode(
        {"alg": "RS256", "jwk": RSAKey.generate_key(2048).as_dict(private=False)}, GOOD, RSAKey.generate_key(2048)
    ),
    "nothing": lambda: "",
    "no token": lambda: "a.b.c",
    "a list": lambda: signed(GOOD).split(".")[0] + "." + part([1]) + ".AAAA",
}


@pytest.mark.parametrize("name", FORGERIES)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_token_is_refused_when_it_is_forged(name: str) -> None:
    with pytest.raises(ProviderOddError):
        verify(FORGERIES[name]())


def test_new_keys_are_worth_asking_for_when_the_key_is_unknown() -> None:
    with pytest.raises(UnknownKeyError):
        verify(signed(GOOD, RSAKey.generate_key(2048, {"kid": "three", "alg": "RS256"})))


DISCOVERED = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://evil.test"},
        {"token_endpoint": "http://id.example.com/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"userinfo_endpoint": "file:///etc/passwd"},
    ],
    ids=str,
)
def test_discovery_is_refused_when_it_is_not_what_it_has_to_be(changed: dict[str, Any]) -> None:
    assert read_metadata(DISCOVERED, ISSUER).token_endpoint == f"{ISSUER}/token"
    with pytest.raises(ProviderOddError):
        read_metadata({**DISCOVERED, **changed}, ISSUER)


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_discovery_is_refused_when_it_is_no_document(document: object) -> None:
    with pytest.raises(ProviderOddError):
        read_metadata(document, ISSUER)


@pytest.mark.parametrize(
    ("methods", "in_body"), [([], False), (["client_secret_post"], True), (["client_secret_basic"], False)]
)
def test_secret_goes_into_the_body_only_when_the_provider_takes_nothing_else(
    methods: list[str],
    in_body: bool,  # noqa: FBT001
) -> None:
    document = {**DISCOVERED, "token_endpoint_auth_methods_supported": methods}
    assert read_metadata(document, ISSUER).takes_secret_in_body_only is in_body


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://a.test", True),
        ("http://localhost:1", True),
        ("http://127.0.0.1", True),
        ("http://a.test", False),
        ("https://", False),
        ("http://[", False),
    ],
)
def test_address_is_safe_when_nobody_can_listen(address: str, safe: bool) -> None:  # noqa: FBT001
    assert is_safe(address) is safe


def test_secret_is_in_the_body_only_when_there_is_one_and_it_belongs_there() -> None:
    for secret, methods, fields in (
        ("", ["none"], {"client_id"}),
        ("s", ["client_secret_basic"], {"client_id"}),
        ("s", ["client_secret_post"], {"client_id", "client_secret"}),
    ):
        metadata = read_metadata({**DISCOVERED, "token_endpoint_auth_methods_supported": methods}, ISSUER)
        provider = Provider(ISSUER, "portal", secret, frozenset(), frozenset(), "Acme")
        form = parse_qs(token_request(provider, metadata, "c", "v", "https://portal.test/back"))
        assert set(form) == {"grant_type", "redirect_uri", "code", "code_verifier"} | fields


BOTH = Provider(ISSUER, "portal", "", frozenset({"operators"}), frozenset({"example.com"}), "Acme")
DOMAIN = Provider(ISSUER, "portal", "", frozenset(), frozenset({"example.com"}), "Acme")
NOBODY = Provider(ISSUER, "portal", "", frozenset(), frozenset(), "Acme")
EVA = {"sub": "eva", "email": "Eva@Example.com", "email_verified": True, "groups": ["operators"]}


@pytest.mark.parametrize(
    ("provider", "claims", "comes_in"),
    [
        (BOTH, {}, True),
        (BOTH, {"groups": ["others"]}, False),
        (BOTH, {"email_verified": False}, False),
        (DOMAIN, {"email_verified": "true"}, True),
        (DOMAIN, {"email_verified": "false"}, False),
        (DOMAIN, {"email_verified": 1}, True),
        (DOMAIN, {"email_verified": None}, False),
        (DOMAIN, {"email": "eva@example.com@evil.test"}, False),
        (DOMAIN, {"email": "eva@evil.test@example.com"}, False),
        (DOMAIN, {"email": "eva@sub.example.com"}, False),
        (DOMAIN, {"email": "example.com"}, False),
        (DOMAIN, {"email": ["eva@example.com"]}, False),
        (PROVIDER, {"groups": "operators"}, True),
        (PROVIDER, {"groups": {"operators": True}}, False),
        (PROVIDER, {"groups": [["operators"]]}, False),
        (PROVIDER, {"groups": ["Operators"]}, False),
        (NOBODY, {}, False),
    ],
)
def test_rules_decide_who_comes_in(provider: Provider, claims: dict[str, Any], comes_in: bool) -> None:  # noqa: FBT001
    assert isinstance(decide(provider, {**EVA, **claims}), Person if comes_in else NotAllowed)


def test_person_is_the_subject_of_this_issuer_whatever_the_name() -> None:
    first, second = decide(PROVIDER, EVA), decide(PROVIDER, {**EVA, "email": "new@example.com"})
    assert isinstance(first, Person)
    assert isinstance(second, Person)
    assert (first.name, second.name) == ("Eva@Example.com", "new@example.com")
    assert first.subject == second.subject
    plain = decide(PROVIDER, {"sub": "e\x00va", "groups": ["operators"], "name": "Eva"})
    assert isinstance(plain, Person)
    assert plain.name == "Eva"
    nameless = decide(PROVIDER, {"sub": "e\x00va", "groups": ["operators"]})
    assert isinstance(nameless, Person)
    assert nameless.name == nameless.subject[:12]


def test_userinfo_is_refused_when_it_speaks_of_somebody_else() -> None:
    assert with_userinfo({"sub": "eva"}, {"sub": "eva", "groups": ["x"]})["groups"] == ["x"]
    for other in ({"sub": "bob"}, {}):
        with pytest.raises(ProviderOddError):
            with_userinfo({"sub": "eva"}, other)


def test_attempt_comes_back_from_its_cookie() -> None:
    attempt = Attempt("s", "n", "v", "/admin?days=7")
    assert Attempt.from_text(attempt.to_text()) == attempt
    assert Attempt.from_text("bm90aGluZw==") is None
    assert "secret" not in repr(Provider(ISSUER, "portal", "secret", frozenset(), frozenset(), "Acme"))
