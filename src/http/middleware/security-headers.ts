// What browsers are told to allow pages and answers: next to nothing.
import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/** Pages have their scripts, styles and pictures from here, and nothing in the page itself is run: what a text holds least of all. */
export function securityHeaders(): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        // data: is for the pictures in the style sheet of the documentation's viewer.
        'img-src': ["'self'", 'data:'],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // Whether there is https, and for what else in the domain, knows who terminates it.
    strictTransportSecurity: false,
  });
}
