// The tools, by name.
import type { Actions } from '../api/actions.js';
import { createCountTool } from './count-tool.js';
import { listDictionariesTool } from './list-dictionaries-tool.js';
import { listFilesTool } from './list-files-tool.js';
import { createReadTool } from './read-tool.js';
import { createSearchTool } from './search-tool.js';
import type { Tool } from './tool.js';

export function createTools(actions: Actions): ReadonlyMap<string, Tool> {
  return new Map<string, Tool>([
    ['search', createSearchTool(actions)],
    ['count', createCountTool(actions)],
    ['list_dictionaries', listDictionariesTool],
    ['list_files', listFilesTool],
    ['read', createReadTool(actions)],
  ]);
}

/** Instructions for the model, which clients show it before any call. */
export const INSTRUCTIONS = `grepd searches text files with grep. A dictionary is a text file, or a folder of text files. "list_dictionaries" lists the dictionaries, and "list_files" the files of one; "search" finds lines or quotes, "count" counts them, and "read" returns the lines around a line that "search" found. Answers are pages that fit into "max_tokens": each has the total, and "next_offset" if there are more results.`;
