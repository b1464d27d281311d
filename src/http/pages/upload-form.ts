// The forms on the page of texts that add and remove texts. They work without scripts.
import { routes } from '../routes.js';
import { type Html, html } from './html.js';
import { renderNumber } from './numbers.js';

const MIB = 1024 * 1024;

/** @param maxBytes the maximum size of an upload */
export function renderUploadForm(maxBytes: number): Html {
  return html`<section id="upload" data-max-bytes="${maxBytes}" aria-labelledby="upload-title">
<h2 id="upload-title">Add texts</h2>
<form method="post" action="${routes.texts.path}" enctype="multipart/form-data">
<div class="upload-fields">
<label class="check"><input type="checkbox" name="replace" value="true"> replace texts of the same name</label>
<label>Files <input type="file" name="file" multiple required></label>
<button>Add</button>
</div>
</form>
<p class="hint">At most ${renderNumber(Math.floor(maxBytes / MIB))} MiB at a time.<span class="js-hint"> You can also drop files anywhere on this page.</span></p>
<ul class="uploads" aria-live="polite"></ul>
<details><summary>Remove a text</summary>
<form method="post" action="${routes.texts.path}" enctype="multipart/form-data">
<div class="upload-fields">
<label>Its whole name <input type="text" name="remove" required autocomplete="off" autocapitalize="off" spellcheck="false"></label>
<button>Remove</button>
</div>
</form>
</details>
</section>`;
}
