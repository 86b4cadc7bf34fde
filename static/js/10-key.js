/* The key: in the field, in every `[data-key]` of the page, and nowhere else. It is a variable of this script: no
   storage, no address, no history. The browser never sends it except by the form of “Check key”. */
(() => {
  'use strict';

  const { clean, PLACEHOLDER } = window.portalKey;
  const { say, announce } = window.portalPage;
  const field = document.querySelector('[data-key-input]');
  if (!field) return;
  const message = document.getElementById('key-message');
  const show = document.querySelector('[data-show-key]');
  let key = '';

  /* Put the key (or the placeholder) into every place below `root`; also called for a region before it is shown. */
  function fill(root) {
    for (const place of root.querySelectorAll('[data-key]')) {
      place.textContent = key || PLACEHOLDER;
      if (key) place.dataset.mask = `••••${key.length >= 12 ? key.slice(-4) : ''}`;
      else delete place.dataset.mask;
    }
  }

  function tell(sentence, tone) {
    message.textContent = sentence;
    message.className = `field-notice ${tone}`;
    message.hidden = !sentence;
    if (sentence) announce(sentence);
  }

  function reasonOf(result) {
    return say(`reason${result.reason[0].toUpperCase()}${result.reason.slice(1)}`, result.fields);
  }

  function removedOf(result) {
    const parts = result.removed.map((part) => say(`removed${part[0].toUpperCase()}${part.slice(1)}`));
    return parts.length ? say('removed', { what: parts.join(', ') }) : '';
  }

  /* Take what stands in the field, or `text` from a paste. `finished` is false while somebody types. */
  function take(text, finished) {
    const result = clean(text);
    const before = key;
    key = result.key;
    if (finished) {
      if (key) field.value = key;
      const empty = result.reason === 'empty';
      tell(key ? removedOf(result) : empty ? '' : reasonOf(result), key ? 'passed' : 'failed');
      if (key || empty) field.removeAttribute('aria-invalid');
      else field.setAttribute('aria-invalid', 'true');
    }
    if (key !== before) {
      fill(document);
      document.dispatchEvent(new CustomEvent('portal:key', { detail: { usable: key !== '' } }));
    }
    return result;
  }

  field.addEventListener('paste', (event) => {
    const whole = field.selectionStart === 0 && field.selectionEnd === field.value.length;
    const text = event.clipboardData?.getData('text/plain');
    if (!whole || !text) return; // pasted into the middle: `input` looks at the whole
    event.preventDefault();
    field.value = text.replace(/[\r\n]/g, '');
    take(text, true);
  });
  field.addEventListener('input', (event) => take(field.value, !/^(insertText|insertComposition|delete)/.test(event.inputType ?? '')));
  field.addEventListener('change', () => take(field.value, true));

  show?.addEventListener('click', () => {
    const shown = document.documentElement.classList.toggle('key-shown');
    show.setAttribute('aria-pressed', String(shown));
    field.type = shown ? 'text' : 'password';
  });

  /* An unusable key is not sent; the reason is shown at the field. */
  document.addEventListener('submit', (event) => {
    if (event.target.id !== 'key-check-form') return;
    const result = take(field.value, true);
    if (result.key) return;
    event.preventDefault();
    event.stopPropagation();
    tell(reasonOf(result), 'failed');
    field.focus();
  }, true);

  /* A reload must not bring it back (some browsers restore fields). */
  field.value = '';

  Object.assign(window.portalKey, { fill, isFilled: () => key !== '' });
})();
