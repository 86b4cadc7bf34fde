/* Copying and downloading: exactly the text of a block, with the key that was filled in. */
(() => {
  'use strict';

  const { say, announce, notice } = window.portalPage;

  async function write(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return false; // no permission, or a page without https
    }
  }

  /* For a text that has to be fetched first: Safari allows the clipboard only with the promise handed over at once. */
  async function writeLater(promise) {
    try {
      const blob = promise.then((text) => new Blob([text], { type: 'text/plain' }));
      await navigator.clipboard.write([new ClipboardItem({ 'text/plain': blob })]);
      return true;
    } catch {
      return promise.then(write, () => false);
    }
  }

  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    return document.execCommand('copy');
  }

  function flash(control) {
    control.dataset.copied = '';
    clearTimeout(control.portalTimer);
    control.portalTimer = setTimeout(() => delete control.dataset.copied, 2000);
  }

  const lacksKey = (code) => code.querySelector('[data-key]') && !window.portalKey.isFilled();
  const happened = (code, how) =>
    document.dispatchEvent(
      new CustomEvent('portal:done', {
        detail: { kind: code.dataset.snippet, how, code, complete: !lacksKey(code) },
      }),
    );
  const placeholder = { placeholder: window.portalKey.PLACEHOLDER };

  async function copyBlock(button) {
    const code = document.getElementById(button.dataset.copy);
    const place = code.closest('pre');
    place.parentElement.querySelector(':scope > .now')?.remove();
    if (!(await write(code.textContent)) && !select(code)) {
      notice(place, say('select'));
      return;
    }
    flash(button);
    if (lacksKey(code)) notice(place, say('copiedPlaceholder', placeholder));
    else announce(say('copied'));
    happened(code, 'copied');
  }

  function download(link) {
    const code = document.getElementById(link.dataset.download);
    const name = link.getAttribute('download') ?? link.dataset.name;
    const end = code.dataset.snippet === 'merged' ? '' : '\n'; // a merged file is complete, with its own last line break
    const address = URL.createObjectURL(new Blob([code.textContent + end], { type: 'application/json' }));
    const anchor = document.createElement('a');
    anchor.href = address;
    anchor.download = name;
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    const place = link.closest('.block')?.querySelector('pre') ?? link.closest('.folds');
    if (lacksKey(code)) notice(place, say('downloadedPlaceholder', placeholder));
    else notice(place, say('downloaded', { path: code.dataset.path }), 'passed');
    happened(code, 'downloaded');
  }

  async function copyOther(control, writing) {
    if (await writing) {
      flash(control);
      announce(say('copied'));
    } else {
      notice(control.closest('ul'), say('notCopied'));
    }
  }

  const prompt = async (button) => {
    const response = await fetch(button.dataset.copyFrom);
    if (!response.ok) throw new Error(response.statusText);
    return `${button.dataset.prefix}\n\n${await response.text()}`;
  };

  document.addEventListener('click', (event) => {
    const control = event.target.closest('[data-copy],[data-download],[data-copy-link],[data-copy-from]');
    if (!control || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { copy, copyLink, copyFrom } = control.dataset;
    if (control.matches('a')) event.preventDefault();
    if (copy) copyBlock(control);
    else if (copyLink !== undefined) copyOther(control, write(control.href));
    else if (copyFrom) copyOther(control, writeLater(prompt(control)));
    else download(control);
  });
})();
