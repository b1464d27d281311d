// Headers that restrict what browsers do with responses.
import helmet from 'koa-helmet';
import type { RequestMiddleware } from '../request-state.js';

/** Allows resources from this origin only, and no inline script or style: texts are untrusted. */
export function securityHeaders(): RequestMiddleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        // Swagger UI's style sheet has data: images.
        'img-src': ["'self'", 'data:'],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // HSTS belongs to the TLS terminator.
    strictTransportSecurity: false,
  });
}
