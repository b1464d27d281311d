// Adds and removes texts, by the forms on the page of texts.
import { AppError } from '../../errors.js';
import { assertActionAllowed } from '../access.js';
import { textUrl } from '../pages/urls.js';
import { createRouter, type RequestRouter } from '../request-state.js';
import { routes } from '../routes.js';
import { readForm } from './read-form.js';
import { receiveBody } from './receive-body.js';
import { assertSameOrigin } from './same-origin.js';
import { assertUploadAllowed, createVisibility, setText, type Uploads } from './uploads.js';

export function createUploadFormRouter({ store, limits }: Uploads): RequestRouter {
  const router = createRouter();

  router.post(routes.texts.path, async (ctx) => {
    assertSameOrigin(ctx);
    assertActionAllowed(ctx, 'upload');
    const added: string[] = [];
    const fields = await readForm(ctx.req.headers, receiveBody(ctx.req, limits), async (name, body, fields) => {
      setText(ctx, name);
      assertUploadAllowed(ctx, name);
      await store.put(name, body, { replace: fields.get('replace') === 'true', isVisible: createVisibility(ctx) });
      added.push(name);
    });
    const removed = fields.get('remove');
    if (removed !== undefined) {
      setText(ctx, removed);
      assertUploadAllowed(ctx, removed);
      await store.remove(removed);
    } else if (added.length === 0) throw new AppError('invalid_request', 'The form contains no file.');
    const [only] = added;
    // See other: reloading the next page must not send the form again.
    ctx.status = 303;
    ctx.redirect(added.length === 1 && only !== undefined ? textUrl(only) : routes.texts.path);
  });

  return router;
}
