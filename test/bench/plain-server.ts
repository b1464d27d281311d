// A baseline: one grep per request, without limits, checks, contexts and log. It searches the file
// DICTIONARY or, if that is not set, the folder in DICTIONARIES_DIR that the request names.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const { DICTIONARY, DICTIONARIES_DIR = '' } = process.env;

createServer(async (request, response) => {
  const { term, dictionary } = JSON.parse(await text(request));
  const [options, path] = DICTIONARY === undefined ? ['-rhF', join(DICTIONARIES_DIR, dictionary)] : ['-F', DICTIONARY];
  const grep = spawn('grep', [options, '-e', term, '--', path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const results = (await text(grep.stdout)).split('\n').slice(0, -1);
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ 'nr of entries': results.length, results }));
}).listen(Number(process.env.PORT), '127.0.0.1');
