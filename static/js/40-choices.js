/* The choices: a change shows the new set-up at once, its address goes into the address bar, and what the visitor has
   done on the page (key, open folds, progress) stays. Without this script the form’s button does the same. */
(() => {
  'use strict';

  const { say, announce, notice, detect } = window.portalPage;
  const guide = () => document.getElementById('guide');
  const form = () => document.getElementById('choices');
  if (!guide()) return;

  let shown = location.pathname + location.search;

  document.addEventListener('change', (event) => {
    if (event.target.form === form()) form().requestSubmit();
  });

  /* Fetch a set-up without the form. `history` is what happens to the address: 'replace' or 'keep'. */
  function load(address, history) {
    return window.htmx.ajax('GET', address, { target: '#guide', swap: 'outerMorph', portalHistory: history });
  }

  window.portalChoices = { show: (address) => load(address) };

  const isGuide = (context) => context.target?.id === 'guide';

  document.addEventListener('htmx:before:response', ({ detail: { ctx } }) => {
    if (!isGuide(ctx)) return;
    ctx.portalAddress = ctx.hx.pushurl;
    if (ctx.portalHistory === 'replace') ctx.hx.replaceurl = ctx.hx.pushurl + location.hash; // a link into the guide
    if (ctx.portalHistory) delete ctx.hx.pushurl;
  });

  /* Prepare the region before anything of it is shown: no flash of a placeholder, no fold that closes. */
  document.addEventListener('htmx:before:swap', (event) => {
    const { ctx, tasks } = event.detail;
    if (!isGuide(ctx)) return;
    const region = tasks[0]?.fragment;
    if (!region?.querySelector('#guide')) {
      event.preventDefault();
      failed();
      return;
    }
    window.portalKey.fill(region);
    window.portalProgress.paint(region);
    for (const fold of region.querySelectorAll('details[id]')) {
      fold.open = fold.open || Boolean(document.getElementById(fold.id)?.open);
    }
  });

  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (!isGuide(ctx)) return;
    if (ctx.portalAddress) shown = ctx.portalAddress;
    settle();
    const chosen = (id) => document.getElementById(id).selectedOptions[0].textContent.trim();
    announce(say('shown', { machine: chosen('os'), shell: chosen('shell') }));
  });

  document.addEventListener('htmx:error', ({ detail: { ctx } }) => {
    if (ctx && isGuide(ctx)) failed();
  });

  /* Let every control show what the page was made for (a control keeps what was chosen, whatever its attributes say),
     except a field that somebody is typing in. */
  function settle() {
    const typing = document.activeElement?.matches('input:not([type="checkbox"])') ? document.activeElement : null;
    const typed = typing?.value;
    form().reset();
    if (typing && typing.form === form()) typing.value = typed;
    guide().removeAttribute('data-detect');
  }

  function failed() {
    form().reset();
    guide().removeAttribute('data-detect');
    const place = document.getElementById('notices');
    place.replaceChildren();
    notice(place, say('notShown'), 'failed');
  }

  /* Back and Forward: htmx would fetch the whole page and lose the key; this fetches the region only. */
  document.addEventListener('htmx:before:history:restore', (event) => event.preventDefault());
  window.addEventListener('popstate', () => {
    const address = location.pathname + location.search;
    if (address !== shown) load(address, 'keep').then(() => { shown = address; });
  });

  function hint(name) {
    const line = document.querySelector('[data-machine-hint]');
    line.textContent = line.dataset[name];
  }

  async function start() {
    const machine = detect();
    if (!machine) {
      guide().removeAttribute('data-detect');
      hint('elsewhere');
      return;
    }
    const query = new URLSearchParams(location.search);
    query.set('os', machine[0]);
    query.set('shell', machine[1]);
    if (document.getElementById('os').value === machine[0] && !location.search) {
      guide().removeAttribute('data-detect');
      shown = document.querySelector('[data-copy-link]').getAttribute('href');
      history.replaceState(history.state, '', shown + location.hash);
    } else {
      await load(`/?${query}`, 'replace');
      window.portalFolds.reveal();
    }
    hint('detected');
  }

  if (guide().hasAttribute('data-detect')) start();
})();
