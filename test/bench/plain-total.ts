// The baseline for GET /total: fetch, parse, add. Prints the sum, the milliseconds that it took,
// and the peak memory (MiB).
const begin = performance.now();
const numbers = (await (await fetch(String(process.argv[2]))).json()) as number[];
let sum = 0;
for (const number of numbers) sum += number;
const ms = performance.now() - begin;
console.log(JSON.stringify({ sum, ms, mib: process.resourceUsage().maxRSS / 1024 }));
