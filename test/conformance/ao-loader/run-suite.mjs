/**
 * What a process test suite does, with the loader that is named. Arguments: the loader's module, the
 * WebAssembly of AO's kernel, the calls, and options of the loader's own, the last two as JSON. Prints
 * what each call gave, memories left out.
 *
 * A process of its own, because ao-loader replaces globals and needs flags of Node's.
 */

import { Console } from 'node:console';
import { readFileSync } from 'node:fs';

const [loader, wasm, calls, own] = process.argv.slice(2);
const { default: AoLoader } = await import(loader);
const out = new Console(process.stdout); // ao-loader takes console.log away and may keep it
const options = {
  format: 'wasm64-unknown-emscripten-draft_2024_02_15',
  inputEncoding: 'JSON-1',
  outputEncoding: 'JSON-1',
  memoryLimit: '524288000',
  computeLimit: (9e12).toString(),
  extensions: [],
  ...JSON.parse(own),
};
const handle = await AoLoader(readFileSync(wasm), options);

/** Memories under the names that calls keep them by. */
const kept = new Map([['none', null]]);
const answers = [];
for (const { from, keep, message, environment } of JSON.parse(calls)) {
  try {
    const { Memory, ...result } = await handle(kept.get(from), message, environment);
    if (keep) kept.set(keep, Memory);
    answers.push(result);
  } catch (error) {
    answers.push({ thrown: String(error) });
  }
}
out.log(JSON.stringify(answers));
