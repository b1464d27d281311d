// Runs the process that builds indexes. Both the service and `npm run index` do.
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../process/run-program.js';
import type { BuildEvent, BuildTask } from './build-task.js';

/** A build needs little memory of V8, and V8 would otherwise let its heap grow. */
const MEMORY_OPTIONS = ['--max-old-space-size=128', '--max-semi-space-size=4'];
const BUILD_PROCESS = new URL('./build-process.js', import.meta.url);

/**
 * Yields the events of the process. It has exited when the generator has. Throws the signal's
 * reason, or an Error if the process fails before it has begun with a dictionary.
 */
export async function* runBuild(task: BuildTask, signal: AbortSignal): AsyncGenerator<BuildEvent, void, void> {
  const args = [...MEMORY_OPTIONS, fileURLToPath(BUILD_PROCESS), JSON.stringify(task)];
  // With limits, the process ends when this one does.
  const run = runProgram({ program: process.execPath, args, env: {}, limits: {} }, signal);
  const decoder = new TextDecoder();
  let line = '';
  let dictionary: string | undefined;
  try {
    for (;;) {
      const step = await run.next();
      if (step.done) {
        if (step.value.status === 0) return;
        const message = `The process that builds indexes failed: ${step.value.stderr}`;
        if (dictionary === undefined) throw new Error(message);
        // What makes the process fail must not delay the other dictionaries.
        yield { event: 'failed', dictionary, message };
        return;
      }
      const lines = (line + decoder.decode(step.value, { stream: true })).split('\n');
      line = lines.pop() ?? '';
      for (const each of lines) {
        const event = JSON.parse(each) as BuildEvent;
        dictionary = event.event === 'started' ? event.dictionary : undefined;
        yield event;
      }
    }
  } finally {
    // `return` makes it kill the process if it still runs.
    await run.return({ status: null, killedBy: null, stderr: '' });
  }
}
