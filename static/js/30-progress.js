/* How far the visitor is: in memory only, gone with the tab. */
(() => {
  'use strict';

  const { say } = window.portalPage;
  const STEPS = {
    install: 'install',
    apply: 'configure',
    configure: 'configure',
    file: 'configure',
    merged: 'configure',
  };
  const done = new Map(); // step -> the text that was taken; another text has still to be taken
  let key = false;
  const withoutKey = (code) => {
    const copy = code.cloneNode(true);
    for (const place of copy.querySelectorAll('[data-key]')) place.textContent = '';
    return copy.textContent;
  };
  let refused = false;

  /* Write the state into `root`: the page, or a region before it is shown. Whom claude answered is done with all. */
  function paint(root) {
    const works = Boolean(root.querySelector('#verified[data-verified]'));
    const isDone = (step) =>
      works ||
      (done.has(step) && [...root.querySelectorAll('[data-snippet]')].some((code) => withoutKey(code) === done.get(step))) ||
      (step === 'key' && key && !refused) ||
      (step === 'install' && root.querySelector('#install option[selected]')?.value === 'done');
    let count = 0;
    for (const element of root.querySelectorAll('[data-progress]')) {
      const state = isDone(element.dataset.progress) ? 'done' : 'waiting';
      element.dataset.state = state;
      if (!element.matches('li')) continue;
      count += state === 'done' ? 1 : 0;
      element.querySelector('.said')?.remove();
      if (state === 'done') {
        const said = document.createElement('span');
        said.className = 'said visually-hidden';
        said.textContent = ` (${say('done')})`;
        element.querySelector('a').append(said);
      }
    }
    const line = root.querySelector('[data-progress-count]');
    if (line) line.textContent = say('progress', { done: count });
  }

  document.addEventListener('portal:done', (event) => {
    const step = STEPS[event.detail.kind];
    if (step && event.detail.complete) done.set(step, withoutKey(event.detail.code));
    paint(document);
  });
  document.addEventListener('portal:key', (event) => {
    key = event.detail.usable;
    refused = false;
    paint(document);
  });
  document.addEventListener('portal:verdict', (event) => {
    const { credential, tone } = event.detail;
    refused = credential === 'failed' || (tone === 'failed' && credential !== 'passed');
    paint(document);
  });

  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (ctx.target?.id === 'verified') paint(document);
  });

  paint(document);
  window.portalProgress = { paint };
})();
