import { fileURLToPath } from 'node:url';

/** The project's folder: the tests run from dist/test. */
export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));
