/**
 * Builds what runs: the inference engine (AssemblyScript to WebAssembly) and TypeScript to dist/.
 * Plain JavaScript, because it runs before anything is compiled.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const run = (name, args) => execFileSync(bin(name), args, { cwd: root, stdio: ['ignore', 2, 2] });

mkdirSync(join(root, 'dist', 'llama'), { recursive: true });
if (existsSync(join(root, 'llama', 'engine', 'asconfig.json'))) {
  run('asc', ['--config', 'llama/engine/asconfig.json', '--target', 'release']);
}
run('tsc', ['-p', 'tsconfig.build.json']);
chmodSync(join(root, 'dist', 'cli', 'main.js'), 0o755); // a link in a project's .bin leads to it
