// Copies a result with its source, or the curl command.

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest<HTMLElement>('[data-copies]') : null;
  if (button !== null) copy(button);
});

async function copy(button: HTMLElement): Promise<void> {
  const { copies, source } = button.dataset;
  const element = button.closest(copies === 'curl' ? '.curl' : 'li')?.querySelector('blockquote, pre');
  if (element === null || element === undefined) return;
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
  const text = source === undefined ? element.textContent : `${element.textContent}\n— ${source}`;
  // Browsers have no clipboard API without HTTPS. At least the text is selected.
  const isCopied = await navigator.clipboard?.writeText(text ?? '').then(
    () => true,
    () => false,
  );
  button.textContent = isCopied ? 'Copied' : 'Selected: copy it now';
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2_000);
}

// A module, whose names aren't global.
export {};
