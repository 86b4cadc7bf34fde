"""Owns the sentences of a diagnosis: why a clue speaks for a cause, and what tells two causes apart. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from portal.words import Text, _

WHY: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "auth-status-none": _("`claude auth status` asks no server: it saw no key at all on this computer."),
        "doctor-without-address": _("The doctor does not mention a custom address, so none is in effect."),
        "stream-begins": _("The session began, and the text ends before an answer."),
        "auto-mode": _("Auto mode asks a server that a gateway does not have."),
        "betas": _("The gateway, or the provider behind it, refuses a new field of the request."),
        "broken-file": _("Claude Code says that it cannot read a settings file, and ignores all of it."),
        "broken-elsewhere": _("Another program cannot read the settings file either."),
        "certificate-blocks": _("The connection ended at the certificate, before any request was made."),
        "certificate-expired": _("The certificate of the gateway, or of what stands before it, is out of date."),
        "certificate-host": _("The certificate belongs to another host name."),
        "cloud": _("Claude Code looks for the credentials of a cloud provider, so a switch sends it there."),
        "committed": _("A scanner has found a key in a repository."),
        "context": _("The request is longer than the model’s context window."),
        "credit": _("The gateway speaks of credit, balance or quota."),
        "double-path": _("The path is doubled: the address already holds what Claude Code adds."),
        "dropped": _("The connection was there, and something cut it."),
        "elsewhere": _("`localhost` inside a container or on another machine is that machine."),
        "file-wins": _("A settings file wins over what you have set."),
        "first-party": _("An administrator’s settings let only a first-party login in."),
        "first-run": _("The very first start asks Anthropic’s servers, which cannot be reached from here."),
        "fix-external": _("Claude Code sent an API key from outside, and the gateway refused it."),
        "forbidden": _("The gateway knows the key, but does not allow this."),
        "forbidden-page": _("A page says “Forbidden”, not an API: something before the gateway may have answered."),
        "gateway-model": _("The gateway says that it does not know this model name."),
        "held-back": _("Something between you and the gateway holds answers back."),
        "helper": _("The program that `apiKeyHelper` names fails, or prints no usable key."),
        "host": _("The name of the host cannot be resolved."),
        "html-page": _("A web page came instead of an answer of the API."),
        "invalid-url": _("The address cannot be read as a URL."),
        "key-in-git": _("A settings file with a key in it is among the files of a repository."),
        "large": _("The request is larger than what the gateway lets through."),
        "leftover": _("A second key, `ANTHROPIC_API_KEY`, is around."),
        "login": _("A saved login of Claude is around."),
        "login-screen": _("Claude Code asks for a login only when it sees no key."),
        "malformed": _("Something answered with success, but not as the Messages API does."),
        "malformed-key": _("The key holds a character that no key has."),
        "model-restricted": _("The gateway knows the model, but this key may not use it."),
        "no-channel": _("The gateway has no route for this model name, however much it sounds like a server fault."),
        "no-claude": _("The shell does not find the program `claude`."),
        "no-connection": _("No connection came about."),
        "no-route": _("The gateway has nothing at this path."),
        "node": _("Node.js is older than Claude Code needs."),
        "not-logged-in": _("Claude Code sees no key, or the gateway’s refusal speaks of `x-api-key`."),
        "npm": _("npm did not finish the installation."),
        "old-client": _("This version of Claude Code is too old for that."),
        "other-api": _("The answer is not one of the Messages API."),
        "overloaded": _("The gateway says that it is overloaded."),
        "picker": _("This is about the list of models in the picker."),
        "page-denies": _("A page without a status denies access: a proxy or a firewall, not an API."),
        "placeholder": _("A placeholder stands where the key belongs."),
        "policy": _("PowerShell does not allow scripts on this computer."),
        "proxy": _("Your proxy refused to connect you."),
        "proxy-set": _("A proxy is set here, so the connection goes to the proxy first."),
        "proxy-page": _("This looks like the answer of a proxy; version 2.1.197 shows it as if it were the gateway’s."),
        "proxy-scheme": _("The address of the proxy has a scheme that Claude Code does not speak."),
        "rate": _("The gateway says that there were too many requests."),
        "redirected": _("The address redirects, and the request does not survive that."),
        "refused": _("Nothing accepts connections at this address and port."),
        "refused-or-unknown": _("Version 2.1.197 says the same when the host name does not exist."),
        "region": _("The provider refuses the country that the request seems to come from."),
        "rejected": _("The gateway says that it does not accept the key."),
        "remapped": _("Claude Code replaced a retired model name by the newest one."),
        "retired": _("Claude Code takes the model name for a retired one."),
        "retry-without-reason": _("Claude Code tries again, and this version does not say why."),
        "scheme": _("One side speaks TLS and the other does not: `http` and `https` are mixed up."),
        "selected-model": _("Claude Code says this for every answer 404: a wrong path as well as an unknown model."),
        "server-side": _("The gateway failed inside."),
        "status-400": _("This status means that the gateway or the model does not take the request as it is."),
        "status-401": _("The status 401 means that the key was not accepted."),
        "status-403": _("The status 403 means that something is not allowed; the words after it say what."),
        "status-404": _("The status 404 means that there is nothing at this path, or no such model."),
        "status-405": _("The status 405 comes from a path that is not an API."),
        "status-5xx": _("A status of 500 and above means that the gateway or its provider failed."),
        "surface": _("This program has its own settings and does not read Claude Code’s."),
        "thinking": _("The model behind the gateway refuses the field `thinking`."),
        "timed-out": _("No answer came within the time allowed."),
        "tier": _("The model of another tier is meant: perhaps only some tiers are mapped to the gateway’s models."),
        "attribution": _("The line that Claude Code puts before the system prompt is mentioned."),
        "only-anthropic": _("This feature exists only at Anthropic itself."),
        "trust": _("Claude Code asks whether you trust the folder, and ends when the answer is no."),
        "two-credentials": _("Claude Code sees two credentials at once."),
        "untrusted": _("The certificate comes from an authority that Claude Code does not trust."),
        "upstream-key": _("The provider refused the gateway’s own key, not yours."),
        "vscode": _("The extension for VS Code has its own place for these variables."),
        "waf": _("A firewall before the gateway answered, not the gateway."),
        "webfetch": _("Before it fetches a page, Claude Code asks claude.ai, which cannot be reached from here."),
        "window": _("Claude Code does not know this model and guesses its context window."),
        "windows-program": _("This `claude` is the one of Windows, and WSL started it."),
        "wrong-file": _("This is a file that Claude Code does not read."),
        "wrong-shell": _("The command belongs to another shell."),
        "wsl": _("Windows and WSL each have their own home folder and their own settings."),
        "key-check": _("The key check on this page came to the same cause."),
        "model-listed": _("The gateway offers this very model, so the path is the more likely fault."),
        "model-dotted": _("The name is written as gateways write names, so the path is a little more likely."),
        "model-not-listed": _("The gateway does not offer this model."),
        "model-own-default": _("This name looks like the client’s own default, or like one of another provider."),
        "address-seen": _("The address in your text explains it."),
        "no-request": _("No request was answered, so the gateway did not refuse anything."),
        "two-addresses": _(
            "Your shell holds another address than the one that Claude Code uses: a settings file wins."
        ),
        "other-header": _("The gateway wants the key in the other header, so in the other variable."),
        "api-key-only": _("Only `ANTHROPIC_API_KEY` holds a key. Many gateways read `ANTHROPIC_AUTH_TOKEN`."),
        "replaced": _("A tool seems to have written a new settings file in place of yours."),
        "header-missing": _("The gateway did not see a key in the header where it looks."),
        "answered-401": _("The gateway answered 401, so a key was sent."),
    }
)

_AUTH_TEXT: Final = _("Run `claude auth status --text`: it names the address and where the key comes from.")
_ASK_ADDRESS: Final = _("Does the address in `/status` end in `/v1`, or in another path than the gateway’s?")
_CURL: Final = _("Run the one-line `curl` test against the gateway: it shows whether this machine reaches it.")
_ASK_FILE: Final = _("Run `claude doctor`: does it list invalid settings?")
_ASK_BOTH: Final = _("Run `claude auth status --text`: does it show a line `API key` as well as `Auth token`?")
_ASK_PROXY: Final = _("Do you reach the internet through a company proxy?")
_ASK_LATER: Final = _("Does it work again after a few minutes without any change?")
_ASK_MODEL: Final = _("Does the gateway’s console list this model for your key?")
_ASK_FIELD: Final = _("Which field does the message name?")
_ASK_CREDIT: Final = _("What does the gateway’s console say about your credit?")
_KEY_CHECK: Final = _("Run the key check of this portal: it asks the gateway without Claude Code.")
SEEN_AS_WELL: Final = _("The same words are sometimes seen with this cause.")

_APART: Final[Mapping[frozenset[str], Text]] = MappingProxyType(
    {
        frozenset({"base-url-path", "model-unknown"}): _ASK_ADDRESS,
        frozenset({"base-url-path", "not-an-api"}): _ASK_ADDRESS,
        frozenset({"base-url-path", "base-url-redirect"}): _("Does the address in `/status` begin with `http://`?"),
        frozenset({"base-url-invalid", "not-an-api"}): _(
            "Does the address in `/status` hold a `?`, a `#` or quotation marks?"
        ),
        frozenset({"not-in-effect", "key-rejected"}): _AUTH_TEXT,
        frozenset({"not-in-effect", "settings-file-broken"}): _ASK_FILE,
        frozenset({"not-in-effect", "wrong-file"}): _AUTH_TEXT,
        frozenset({"key-rejected", "leftover-api-key"}): _ASK_BOTH,
        frozenset({"leftover-api-key", "login-conflict"}): _("Run `/status`: is there a line `Login method`?"),
        frozenset({"connection-refused", "host-unknown"}): _CURL,
        frozenset({"connection-refused", "localhost-elsewhere"}): _(
            "Does the gateway run on the very machine, or in the very container, where you start `claude`?"
        ),
        frozenset({"connection-refused", "base-url-redirect"}): _(
            "Does the address in `/status` begin with `http://`?"
        ),
        frozenset({"timeout", "buffering-proxy"}): _("Does a short question get an answer, and only a long one not?"),
        frozenset({"tls-untrusted", "base-url-scheme"}): _("Does the gateway speak `https` at this port at all?"),
        frozenset({"out-of-credit", "rate-limited"}): _ASK_LATER,
        frozenset({"gateway-overloaded", "rate-limited"}): _("Do other keys get answers while yours does not?"),
        frozenset({"connection-refused", "proxy-refused"}): _ASK_PROXY,
        frozenset({"not-allowed", "key-rejected"}): _KEY_CHECK,
        frozenset({"key-rejected", "helper-failing"}): _("Is there an `apiKeyHelper` in your settings?"),
        frozenset({"out-of-credit", "not-allowed"}): _ASK_CREDIT,
        frozenset({"not-allowed", "blocked-by-waf"}): _("Does a short question in `curl` get through?"),
        frozenset({"blocked-by-waf", "proxy-refused"}): _ASK_PROXY,
        frozenset({"gateway-error", "proxy-refused"}): _ASK_PROXY,
        frozenset({"gateway-error", "model-unknown"}): _("Does the same happen with another model of the gateway?"),
        frozenset({"gateway-error", "gateway-overloaded"}): _ASK_LATER,
        frozenset({"command-not-found", "wrong-shell"}): _(
            "Which program did the message name: `claude` or another one?"
        ),
        frozenset({"wsl-two-homes", "command-not-found"}): _("Run `which claude`: does the path begin with `/mnt/c`?"),
        frozenset({"betas-rejected", "thinking-rejected"}): _ASK_FIELD,
        frozenset({"model-unknown", "model-restricted"}): _ASK_MODEL,
    }
)

_GENERAL: Final[Mapping[str, Text]] = MappingProxyType(
    {
        **dict.fromkeys(("base-url-path", "base-url-redirect", "base-url-invalid", "not-an-api"), _ASK_ADDRESS),
        **dict.fromkeys(("not-in-effect", "wrong-file", "settings-file-wins", "helper-failing"), _AUTH_TEXT),
        **dict.fromkeys(("leftover-api-key", "login-conflict", "key-in-wrong-variable"), _ASK_BOTH),
        **dict.fromkeys(("connection-refused", "connection-dropped", "host-unknown", "timeout"), _CURL),
        **dict.fromkeys(("base-url-scheme", "localhost-elsewhere", "tls-untrusted", "tls-hostname"), _CURL),
        **dict.fromkeys(("model-unknown", "model-restricted"), _ASK_MODEL),
        **dict.fromkeys(("proxy-refused", "proxy-scheme", "blocked-by-waf"), _ASK_PROXY),
        **dict.fromkeys(("gateway-error", "gateway-overloaded", "rate-limited"), _ASK_LATER),
        **dict.fromkeys(("betas-rejected", "thinking-rejected"), _ASK_FIELD),
        **dict.fromkeys(("key-rejected", "not-allowed", "key-malformed", "key-placeholder"), _KEY_CHECK),
        "out-of-credit": _ASK_CREDIT,
        "settings-file-broken": _ASK_FILE,
    }
)


def tell_apart(first: str, second: str) -> Text:
    """One question or one command that decides between two causes, `first` being the one that is shown."""
    return _APART.get(frozenset({first, second})) or _GENERAL.get(first) or _GENERAL.get(second) or _KEY_CHECK
