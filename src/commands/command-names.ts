// How users type grepd's commands: by npm in a checkout, by `grepd` where the package is installed.
import { IS_PACKAGE } from '../config/installation.js';

/** `npm start`, `npm run reload`, `npm run key -- NAME`. */
const NPM_COMMAND = /\bnpm (?:run )?(start|stop|reload|status|logs|serve|key|load|index)\b(?: --(?= ))?/g;

/**
 * Returns a message with the commands that users of this installation type. Messages name the npm
 * scripts: code that knows nothing of the installation writes them, too.
 */
export function withCommandNames(message: string, isPackage = IS_PACKAGE): string {
  return isPackage ? message.replace(NPM_COMMAND, 'grepd $1') : message;
}
