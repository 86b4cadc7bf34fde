/* Light or dark: the system’s choice until the visitor makes one, which is remembered (the word only). */
(() => {
  'use strict';

  const root = document.documentElement;
  const button = document.querySelector('[data-theme-toggle]');
  const stored = () => {
    try {
      return localStorage.getItem('theme');
    } catch {
      return null; // storage is switched off
    }
  };

  if (['light', 'dark'].includes(stored())) root.dataset.theme = stored();

  button?.addEventListener('click', () => {
    const now = root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem('theme', root.dataset.theme);
    } catch {
      // It lasts for this page then.
    }
    window.portalPage.announce(button.dataset[root.dataset.theme]);
  });
})();
