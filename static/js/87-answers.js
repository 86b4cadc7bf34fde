/* Answers below a diagnosis: it stays, the answered step closes, and the next one opens with the focus. Without a next
   one, and when a step helped, the form leads to the symptom's page, as it does without this script. */
(() => {
  'use strict';

  const { say, announce, notice } = window.portalPage;

  async function send(button) {
    const fields = new URLSearchParams(new FormData(button.form));
    fields.set(button.name, button.value);
    const response = await fetch(button.formAction.split('#')[0], { method: 'POST', body: fields });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    if (!response.ok) throw new Error(page.querySelector('[data-notice]')?.textContent.trim() || say('helpBroken'));
    return page;
  }

  /* What the next answer has to bring along: the answers so far of a visit that keeps no cookie. */
  function carry(form, page) {
    for (const name of ['answered', 'once']) {
      form.querySelector(`[name="${name}"]`)?.remove();
      const field = page.querySelector(`#answer [name="${name}"]`);
      if (field) form.append(document.importNode(field, true));
    }
  }

  async function answer(button, step, next) {
    try {
      carry(button.form, await send(button));
    } catch (error) {
      notice(button.closest('.answers'), error instanceof TypeError ? say('helpNetwork') : error.message, 'failed');
      return;
    }
    for (const same of document.querySelectorAll(`.cause .try[data-step="${step.dataset.step}"]`)) {
      same.dataset.answer = button.value;
      same.classList.add('answered');
      same.querySelector('details').open = false;
    }
    const details = next.querySelector('details');
    details.open = true;
    details.querySelector('summary').focus();
    announce(details.querySelector('.what').textContent.trim());
  }

  document.addEventListener('submit', (event) => {
    const button = event.submitter;
    const step = button?.closest('.cause .try');
    if (!step || !['not_resolved', 'skipped'].includes(button.value)) return;
    const open = [...document.querySelectorAll('.cause .try:not([data-answer])')];
    const later = open.filter((one) => one.dataset.step !== step.dataset.step);
    const next = later.find((one) => step.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) ?? later[0];
    if (!next) return;
    event.preventDefault();
    answer(button, step, next);
  });

  /* Whom the form led to the symptom's page goes on at its steps; a link to a part of a page takes the focus away. */
  if (location.hash === '#steps') {
    addEventListener('load', () => setTimeout(() => document.querySelector('#steps [data-focus]')?.focus(), 50));
  }
})();
