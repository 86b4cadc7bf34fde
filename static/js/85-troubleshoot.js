/* Help: keys are masked in a paste before it is sent, answers keep the page where it is, and the next thing to do
   has the focus. Without this script the same forms lead to the same pages. */
(() => {
  'use strict';

  const { say, announce, notice, detect } = window.portalPage;

  /* The links to help carry the set-up that the guide shows now. */
  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (ctx.target?.id !== 'guide') return;
    const query = new URL(document.querySelector('[data-copy-link]').href).search;
    for (const link of document.querySelectorAll('a[data-help]')) link.href = `/troubleshoot${query}`;
  });

  /* The machine, when the address does not name it. */
  const machine = document.querySelector('[data-detect-machine]') && detect();
  if (machine && document.getElementById('os').value !== machine[0]) {
    const query = new URLSearchParams(location.search);
    query.set('os', machine[0]);
    query.set('shell', machine[1]);
    location.replace(`${location.pathname}?${query}${location.hash}`);
  }

  const text = document.querySelector('[data-paste]');
  const found = () => document.getElementById('diagnosis');

  function tell(sentence) {
    const line = document.getElementById('text-notice');
    line.textContent = sentence;
    line.hidden = !sentence;
    if (sentence) announce(sentence);
  }

  let left = 0; // characters that were cut off the beginning of what stands in the field

  const marks = (some) => some.split('***').length;

  const UNSEEN = /[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\u115f\u1160\u2800\u3164\uffa0]/gu;

  /* Where the end of a text begins that is as long as may be sent: in bytes of UTF-8, with a line's end as two. */
  function startOfEnd(whole, longest) {
    let start = whole.length;
    for (let bytes = 0; start > 0; start -= 1) {
      const code = whole.charCodeAt(start - 1);
      if (code < 0x80) bytes += code === 10 ? 2 : 1;
      else bytes += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
      if (bytes > longest) break;
    }
    const code = whole.charCodeAt(start);
    return code >= 0xdc00 && code < 0xe000 ? start + 1 : start;
  }

  /* Before htmx and before the browser read the form: what leaves this page holds no key. */
  function prepare(event) {
    const sentences = [];
    const masked = window.portalMask.mask(text.value);
    const count = marks(masked) - marks(text.value);
    if (count > 0) sentences.push(say('pasteMasked', { count }));
    const over = startOfEnd(masked, Number(text.dataset.longest));
    if (over > 0) sentences.push(say('pasteCut', { count: over }));
    if (over > 0) left += over;
    document.querySelector('[data-cut]').value = left || '';
    if (masked !== text.value || over > 0) text.value = masked.slice(over);
    if (!text.value.replace(UNSEEN, '')) {
      event.preventDefault();
      event.stopImmediatePropagation();
      text.setAttribute('aria-invalid', 'true');
      tell(say('pasteEmpty'));
      text.focus();
      return;
    }
    text.removeAttribute('aria-invalid');
    tell(sentences.join(' '));
  }

  document.addEventListener('submit', (event) => { if (event.target.id === 'paste') prepare(event); }, true);
  text?.addEventListener('input', () => { left = 0; tell(''); text.removeAttribute('aria-invalid'); });

  text?.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    text.form.requestSubmit();
  });

  const isPaste = (context) => context?.sourceElement?.id === 'paste';
  const isAnswer = (context) => context?.target?.id === 'steps';

  document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
    if (!isPaste(ctx)) return;
    document.querySelector('[data-diagnose]').setAttribute('aria-disabled', 'true');
    announce(say('helpLooking'));
  });

  document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
    if (isPaste(ctx)) document.querySelector('[data-diagnose]').removeAttribute('aria-disabled');
  });

  /* An error page has no place inside this one. */
  document.addEventListener('htmx:before:swap', (event) => {
    const { ctx, tasks } = event.detail;
    if (!isPaste(ctx) && !isAnswer(ctx)) return;
    if (tasks[0]?.fragment.querySelector(isPaste(ctx) ? '#diagnosis' : '#steps')) return;
    event.preventDefault();
    failed(ctx, 'helpBroken');
  });

  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    if (isPaste(ctx) || isAnswer(ctx)) failed(ctx, 'helpNetwork');
  });

  function failed(context, name) {
    if (isPaste(context)) tell(say(name));
    else notice(context.sourceElement.closest('.answers') ?? context.sourceElement.parentElement, say(name), 'failed');
  }

  const said = (root) => [...root.querySelectorAll('[data-notice], [data-said]')].map((e) => e.textContent.trim()).join(' ');

  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (isPaste(ctx)) {
      document.getElementById('fold-symptoms').open = !found().querySelector('[data-cause]');
      const title = document.getElementById('title-diagnosis');
      title.focus({ preventScroll: true });
      title.scrollIntoView();
      announce(said(found()));
    } else if (isAnswer(ctx)) {
      const steps = document.getElementById('steps');
      steps.querySelector('[data-focus]')?.focus();
      announce(said(steps));
    }
  });
})();
