// A baseline: one grep per request, without limits, checks, contexts and log.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const file = String(process.env.DICTIONARY);

createServer(async (request, response) => {
  const { term } = JSON.parse(await text(request));
  const grep = spawn('grep', ['-F', '-e', term, '--', file], { stdio: ['ignore', 'pipe', 'inherit'] });
  const results = (await text(grep.stdout)).split('\n').slice(0, -1);
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ 'nr of entries': results.length, results }));
}).listen(Number(process.env.PORT), '127.0.0.1');
