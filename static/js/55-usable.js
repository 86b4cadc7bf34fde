/* The models that the checked key can use, in the pickers of the guide: known after a check, gone with the key. */
(() => {
  'use strict';

  let usable = [];
  let labels = null; // id -> the operator's words, from the page as it came

  function offer() {
    const list = document.getElementById('offered');
    if (!list) return;
    labels ??= new Map([...list.options].map((option) => [option.value, option.textContent]));
    const ids = usable.length ? usable : [...labels.keys()];
    list.replaceChildren(...ids.map((id) => new Option(labels.get(id) ?? id, id)));
  }

  document.addEventListener('portal:verdict', ({ detail }) => {
    usable = detail.usable;
    offer();
  });
  document.addEventListener('portal:key', () => {
    if (!usable.length) return;
    usable = [];
    offer();
  });
  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (ctx.target?.id === 'guide') offer();
  });
})();
