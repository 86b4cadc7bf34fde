/* The key check while it runs: what is being done, why it takes time, and what came out, said once. */
(() => {
  'use strict';

  const { say, announce } = window.portalPage;
  const PATIENCE = 4000; // milliseconds until the wait is explained
  const region = () => document.getElementById('key-check');
  const button = document.querySelector('[data-check-key]');
  if (!button || !document.getElementById('checking')) return;
  const isCheck = (context) => context?.sourceElement?.id === 'key-check-form';
  let patience = 0;

  function clear() {
    delete region().dataset.verdict;
    region().className = 'key-check';
    region().replaceChildren();
  }

  function problem(name) {
    clear();
    const line = document.createElement('p');
    line.className = 'verdict-sentence';
    line.textContent = say(name);
    region().classList.add('verdict', 'verdict-warning');
    region().append(line);
    announce(say(name));
  }

  document.addEventListener('htmx:before:request', ({ detail: { ctx } }) => {
    if (!isCheck(ctx)) return;
    clear();
    region().append(document.getElementById('checking').content.cloneNode(true));
    region().setAttribute('aria-busy', 'true');
    button.setAttribute('aria-disabled', 'true');
    announce(say('checking'));
    patience = setTimeout(() => {
      const wait = region().querySelector('[data-wait]');
      if (!wait) return;
      wait.hidden = false;
      announce(wait.textContent.trim());
    }, PATIENCE);
  });

  document.addEventListener('htmx:before:swap', (event) => {
    const { ctx, tasks } = event.detail;
    if (!isCheck(ctx) || tasks[0]?.fragment.querySelector('#key-check')) return;
    event.preventDefault(); // an error page has no place inside this one
    problem('checkBroken');
  });

  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (!isCheck(ctx)) return;
    const verdict = region();
    announce([...verdict.querySelectorAll('.verdict-sentence, .next')].map((line) => line.textContent.trim()).join(' '));
    document.dispatchEvent(new CustomEvent('portal:verdict', { detail: { credential: verdict.querySelector('[data-step=credential]')?.dataset.state } }));
  });

  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    if (isCheck(ctx)) problem('checkNetwork');
  });

  document.addEventListener('htmx:finally:request', ({ detail: { ctx } }) => {
    if (!isCheck(ctx)) return;
    clearTimeout(patience);
    region().removeAttribute('aria-busy');
    button.removeAttribute('aria-disabled');
  });

  /* A verdict is about one key: another one in the field has none yet. */
  document.addEventListener('portal:key', () => {
    document.getElementById('key-check-form').dispatchEvent(new CustomEvent('htmx:abort'));
    clear();
  });
})();
