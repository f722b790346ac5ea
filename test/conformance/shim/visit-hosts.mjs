/**
 * Asks each of the given URLs in every way that a program can, and prints how each ended.
 * Arguments: URLs.
 */

import https, { get } from 'node:https';
import { createRequire } from 'node:module';

const required = createRequire(import.meta.url)('node:https');

const byNode = (client) => (url) =>
  new Promise((resolve, reject) => {
    client(url, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
const WAYS = {
  fetch: async (url) => (await fetch(url)).status,
  request: async (url) => (await fetch(new Request(url))).status,
  esm: byNode(get),
  default: byNode(https.get),
  cjs: byNode(required.get),
};

const outcomes = [];
for (const url of process.argv.slice(2)) {
  for (const [way, visit] of Object.entries(WAYS)) {
    const status = await visit(url).catch((error) => error.code ?? error.message);
    outcomes.push({ url, way, status });
  }
}
console.log(JSON.stringify(outcomes));
process.exit();
