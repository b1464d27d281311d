// Applies the remembered theme before the page is painted: a classic script, because modules run
// later. It must import and export nothing. Without a remembered theme, pages follow the system.
{
  const STORAGE_KEY = 'grepd-theme';
  const root = document.documentElement;
  root.classList.add('js');

  const load = (): string | null => {
    try {
      return localStorage.getItem(STORAGE_KEY);
    } catch {
      return null; // Storage may be disabled.
    }
  };

  const save = (theme: string | undefined): void => {
    try {
      if (theme === undefined) localStorage.removeItem(STORAGE_KEY);
      else localStorage.setItem(STORAGE_KEY, theme);
    } catch {
      // The theme still applies to this page.
    }
  };

  const apply = (theme: string | null | undefined): void => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };

  const NEXT: Record<string, string | undefined> = { system: 'light', light: 'dark', dark: undefined };

  apply(load());
  document.addEventListener('click', ({ target }) => {
    if (!(target instanceof Element) || target.closest('#theme') === null) return;
    const theme = NEXT[root.dataset.theme ?? 'system'];
    apply(theme);
    save(theme);
  });
  // Another tab has changed the theme.
  addEventListener('storage', ({ key, newValue }) => {
    if (key === STORAGE_KEY) apply(newValue);
  });
}
