// The errors of adding and removing texts.
import { AppError, isExhausted } from '../../errors.js';
import { ForbiddenError, NotFoundError } from './dictionary-root.js';
import { quoteName } from './quote-name.js';

const NO_SPACE_CODES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const UNWRITABLE_CODES = new Set(['EACCES', 'EPERM', 'EROFS']);
const NOT_A_TEXT_CODES = new Set(['EISDIR', 'ENOTDIR', 'ENOTEMPTY']);

export function invalidNameError(name: string): AppError {
  const expected =
    'The name of a text must be a path whose parts are not hidden, not empty, and at most 255 bytes long';
  return new AppError('invalid_request', `${expected}, got ${quoteName(name)}.`, { reason: `${expected}.` });
}

export function textExistsError(name: string): AppError {
  const advice = 'To replace it, send "If-Match: *" or "?replace=true".';
  return new AppError('text_exists', `There is already a text named ${quoteName(name)}. ${advice}`);
}

export function notATextError(name: string, cause?: unknown): AppError {
  const message = `${quoteName(name)} is not a regular file, so it can't be replaced or removed.`;
  return new AppError('invalid_request', message, { cause });
}

/** Maps a failure of the folder of a text. Returns other errors unchanged. */
export function toFolderError(error: unknown, folder: string): unknown {
  if (error instanceof NotFoundError)
    return new AppError('unknown_folder', `There is no folder named ${quoteName(folder)}.`, { cause: error });
  if (error instanceof ForbiddenError) return unwritableError(error);
  return error;
}

/** Maps a system error. Returns others unchanged, such as those of the body. */
export function toStoreError(error: unknown, name: string): unknown {
  if (error instanceof AppError) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  if (code === 'EEXIST') return textExistsError(name);
  if (code === 'ENAMETOOLONG') return invalidNameError(name);
  if (NO_SPACE_CODES.has(code)) return new AppError('disk_full', 'The disk is full.', { cause: error });
  if (UNWRITABLE_CODES.has(code)) return unwritableError(error);
  if (NOT_A_TEXT_CODES.has(code)) return notATextError(name, error);
  if (!isExhausted(error)) return error;
  return new AppError('too_busy', 'The machine has run out of file descriptors. Try again later.', { cause: error });
}

function unwritableError(cause: unknown): AppError {
  return new AppError('unwritable_folder', 'grepd has no permission to change the folder.', { cause });
}
