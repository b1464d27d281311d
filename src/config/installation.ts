// Where this copy of grepd is: in a checkout, or in a package that npm installed.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the build that contains this file. */
export const BUILD = fileURLToPath(new URL('../../', import.meta.url));

/** The folder of the checkout or package. */
export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url));

/** The folder in which `npm pack` puts the build; a checkout has its builds in `dist-…`. */
export const PACKAGE_BUILD = 'lib';

export const IS_PACKAGE = basename(BUILD) === PACKAGE_BUILD;
