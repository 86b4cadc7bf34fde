/* “Merge it here”: the scripts that do it (static/js/merge/, and the parser they use) are loaded when the fold is first
   opened, so that nobody else waits for them. */
(() => {
  'use strict';

  const { notice } = window.portalPage;
  let script = null;

  function load(fold) {
    if (script) {
      window.portalMerge?.show?.();
      return;
    }
    script = document.createElement('script');
    script.src = fold.dataset.mergeScript;
    script.onerror = () => {
      script.remove();
      script = null;
      notice(fold.querySelector('summary'), window.portalPage.say('mergeBroken'), 'failed');
    };
    document.head.append(script);
  }

  document.addEventListener('toggle', ({ target }) => {
    if (target.id === 'fold-merge' && target.open) load(target);
  }, true);

  /* A reload must not bring back what was pasted (some browsers restore fields). */
  const field = document.querySelector('#fold-merge textarea');
  if (field) field.value = '';
})();
