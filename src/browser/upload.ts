// Uploads the files that are chosen or dropped on the page of texts, and shows their progress.

const section = document.querySelector<HTMLElement>('#upload');
const form = section?.querySelector('form');
const list = section?.querySelector('.uploads');
const MAX_BYTES = Number(section?.dataset.maxBytes);
const MIB = 1024 * 1024;

/** Uploads run one after the other, so that each has the whole bandwidth. */
let queue: Promise<void> = Promise.resolve();

if (form && list) {
  document.documentElement.classList.add('js');
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const input = form.querySelector<HTMLInputElement>('input[type=file]');
    const replace = form.querySelector<HTMLInputElement>('input[name=replace]')?.checked === true;
    for (const file of input?.files ?? []) enqueue(file, replace);
    form.reset();
  });
  acceptDrops();
}

function acceptDrops(): void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  const mark = (isOver: boolean) => document.documentElement.classList.toggle('dropping', isOver);
  document.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    // Otherwise, the browser would open the file.
    event.preventDefault();
    mark(true);
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    mark(false);
    for (const item of event.dataTransfer?.items ?? []) {
      const file = item.getAsFile();
      if (item.webkitGetAsEntry()?.isDirectory) showMessage(addRow(file?.name ?? ''), 'Folders can’t be added.');
      else if (file !== null) enqueue(file, false);
    }
  });
}

function enqueue(file: File, replace: boolean, row = addRow(file.name)): void {
  if (file.size > MAX_BYTES) {
    showMessage(row, `Too large: texts may have at most ${Math.floor(MAX_BYTES / MIB)} MiB.`);
    return;
  }
  showMessage(row, 'Waiting …');
  queue = queue.then(() => upload(file, replace, row));
}

async function upload(file: File, replace: boolean, row: HTMLLIElement): Promise<void> {
  const { status, message } = await put(file, replace, row);
  if (status === 200 || status === 201) {
    showMessage(row, status === 201 ? 'Added.' : 'Replaced.', ['Remove', () => void remove(file.name, row)]);
    await refresh();
  } else if (status === 409) {
    showMessage(row, 'There is already a text with this name.', ['Replace it', () => enqueue(file, true, row)]);
  } else if (status === 0) {
    showMessage(row, 'The connection broke off.', ['Try again', () => enqueue(file, replace, row)]);
  } else showMessage(row, message);
}

/** Not fetch, which doesn't report the progress of uploads. Status 0 means that nothing came back. */
function put(file: File, replace: boolean, row: HTMLLIElement): Promise<{ status: number; message: string }> {
  const request = new XMLHttpRequest();
  const progress = document.createElement('progress');
  progress.setAttribute('aria-label', file.name);
  progress.max = file.size;
  showMessage(row, '', ['Cancel', () => request.abort()]);
  row.children[0]?.after(progress);
  request.upload.addEventListener('progress', ({ loaded }) => {
    progress.value = loaded;
  });
  request.open('PUT', urlOf(file.name) + (replace ? '?replace=true' : ''));
  return new Promise((resolve) => {
    request.addEventListener('loadend', () =>
      resolve({ status: request.status, message: messageOf(request.response) }),
    );
    request.send(file);
  });
}

async function remove(name: string, row: HTMLLIElement): Promise<void> {
  try {
    const response = await fetch(urlOf(name), { method: 'DELETE' });
    showMessage(row, response.ok ? 'Removed.' : messageOf(await response.text()));
    await refresh();
  } catch {
    showMessage(row, 'The connection broke off.', ['Try again', () => void remove(name, row)]);
  }
}

/** Replaces the list of texts by the current one. */
async function refresh(): Promise<void> {
  try {
    const response = await fetch(location.pathname, { headers: { Accept: 'text/html' } });
    const page = new DOMParser().parseFromString(await response.text(), 'text/html');
    const texts = page.querySelector('#texts');
    if (texts !== null) document.querySelector('#texts')?.replaceWith(texts);
  } catch {
    // The list is out of date until the page is loaded again.
  }
}

function urlOf(name: string): string {
  return `/api/v1/texts/${encodeURIComponent(name)}`;
}

/** The message of an error, without the pointer for programs. */
function messageOf(body: string): string {
  try {
    return String(JSON.parse(body).message).replace(/ See \S+ for instructions\.$/, '');
  } catch {
    return 'The upload failed.';
  }
}

function addRow(name: string): HTMLLIElement {
  const row = document.createElement('li');
  const label = document.createElement('b');
  label.dir = 'auto';
  label.textContent = name;
  row.append(label);
  list?.append(row);
  return row;
}

function showMessage(row: HTMLLIElement, message: string, action?: [label: string, run: () => void]): void {
  const text = document.createElement('span');
  text.textContent = message;
  row.replaceChildren(row.children[0] as Element, text);
  if (action === undefined) return;
  const button = document.createElement('button');
  button.type = 'button';
  [button.textContent] = action;
  button.addEventListener('click', action[1]);
  row.append(button);
}
