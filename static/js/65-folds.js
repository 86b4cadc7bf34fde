/* A link to a fold opens it, and every fold around it: a closed one would leave the visitor below it. */
(() => {
  'use strict';

  function reveal() {
    const target = document.getElementById(location.hash.slice(1));
    if (!target?.matches('details')) return;
    for (let part = target; part; part = part.parentElement) if (part.matches('details')) part.open = true;
    target.scrollIntoView();
  }

  addEventListener('hashchange', reveal);
  window.portalFolds = { reveal };
  reveal();
})();
