"""Every sentence of the sign-in page and the audit log goes through gettext, and every trouble has one."""

from __future__ import annotations

import pytest

from portal.admin.routes import AUDIT
from portal.admin.sign_in_routes import SIGN_IN_PAGE
from portal.admin.views import SignInPage, Trouble, show_audit
from portal.admin.vocabulary import AUDIT_PAGE, Action, Entry, Operator
from tests.contracts.test_translations import PseudoLanguages, english_left, templates
from tests.support.pages import one, parse, words

NAMES = {"TokenBay", "Acme", "anna"}


@pytest.mark.parametrize("trouble", [None, *Trouble])
@pytest.mark.parametrize("provider", ["", "Acme"])
def test_sign_in_page_has_no_untranslated_sentence(trouble: Trouble | None, provider: str) -> None:
    page = SignInPage(
        next="/admin",
        provider=provider,
        has_passwords=bool(provider),
        first_account=not provider,
        name="anna",
        trouble_code=trouble,
        wait_seconds=2,
    )
    html = templates().render(SIGN_IN_PAGE, PseudoLanguages.all[0], page)
    assert not english_left(html, NAMES)
    shown = parse(html).cssselect("#trouble")
    assert [element.get("data-trouble") for element in shown] == ([trouble.value] if trouble else [])


def test_audit_log_has_no_untranslated_sentence() -> None:
    entries = [Entry(number, 1_800_000_000_000, action, None) for number, action in enumerate(Action)]
    for shown, before in ((entries, 7), ([], 7), (entries * (AUDIT_PAGE // 5), None)):
        html = templates().render(AUDIT, PseudoLanguages.all[0], show_audit(Operator(1, "anna"), shown, before))
        assert not english_left(html, NAMES)


def test_name_is_text_and_no_markup() -> None:
    name = "<b>&anna"
    html = templates().render(AUDIT, PseudoLanguages.all[0], show_audit(Operator(1, name), [], None))
    assert words(one(parse(html), ".account summary")) == name
