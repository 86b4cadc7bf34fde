/* The numbers are asked for again while somebody looks; what is open stays open. */
(() => {
  'use strict';

  const mine = (ctx) => ctx.sourceElement?.id === 'figures';
  let open = [];

  document.addEventListener('htmx:before:request', (event) => {
    if (mine(event.detail.ctx) && document.hidden) event.preventDefault();
  });
  document.addEventListener('htmx:before:swap', ({ detail: { ctx } }) => {
    if (mine(ctx)) open = [...document.querySelectorAll('#figures details[open]')].map((fold) => fold.id);
  });
  document.addEventListener('htmx:after:swap', ({ detail: { ctx } }) => {
    if (mine(ctx)) open.forEach((id) => document.getElementById(id)?.setAttribute('open', ''));
  });
})();
