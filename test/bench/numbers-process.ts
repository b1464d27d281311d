// A numbers API that returns a given number of integers from 0 on. Prints its address.
import { numbersServer } from '../helpers/numbers-server.js';

const count = Number(process.argv[2]);
const parts: string[] = [];
for (let from = 0; from < count; from += 100_000) {
  parts.push(Array.from({ length: Math.min(100_000, count - from) }, (_, at) => from + at).join());
}
const body = Buffer.from(`[${parts.join()}]`);
const { url } = await numbersServer((_, response) => {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
});
console.log(url);
