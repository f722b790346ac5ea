/**
 * Runs every snippet of the README and the recipes: programs in a scratch folder under dist/ (where
 * `corral` resolves to this package), Lua through `corral run`, and the first session line by line.
 * What a snippet prints must be what the document shows under it.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../herd/package-root.js';
import { deskEnvironment } from './desk.js';
import { snippetsOf } from './snippets.js';

const scratch = join(packageRoot, 'dist', 'readme');
mkdirSync(scratch, { recursive: true });
// Without a configuration of its own, vitest would take this repository's.
writeFileSync(join(scratch, 'vitest.config.js'), 'export default {};');
const run = promisify(execFile);
const bin = (name: string) => join(packageRoot, 'node_modules', '.bin', name);
const corral = join(packageRoot, 'dist', 'cli', 'main.js');
const quiet = { cwd: packageRoot, env: deskEnvironment({ NO_COLOR: '1' }) };

const snippets = [...snippetsOf('README.md'), ...snippetsOf('docs/RECIPES.md')];
const inLanguage = (language: string) => snippets.filter((one) => one.language === language);

describe('the documents', () => {
  for (const [index, { document, code, shown }] of inLanguage('ts').entries()) {
    const title = code.split('\n').find((line) => !/^(import|$)/.test(line));
    test(`${document}, snippet ${index + 1}: ${title?.trim()}`, async () => {
      if (code.includes("from 'vitest'")) {
        const file = join(scratch, `snippet-${index}.test.ts`);
        writeFileSync(file, code);
        const { stdout } = await run(bin('vitest'), ['run', '--root', scratch, file], quiet);
        expect(stdout).toMatch(/1 passed/);
        return;
      }
      const file = join(scratch, `snippet-${index}.ts`);
      writeFileSync(file, code);
      const { stdout } = await run(bin('tsx'), [file], quiet);
      if (shown !== undefined) expect(stdout).toBe(shown);
    });
  }

  for (const [index, { code }] of inLanguage('lua').entries()) {
    test(`Lua: ${code.split('\n')[0]}`, async () => {
      const file = join(scratch, `snippet-${index}.lua`);
      writeFileSync(file, code);
      const { stdout } = await run(process.execPath, [corral, 'run', file], quiet);
      expect(stdout.trim()).toMatch(/^Pong from /);
    });
  }

  test('the first session prints what the first screen shows', async () => {
    const { stdout } = await run(process.execPath, [corral, 'start', '--port-base', '4620'], quiet);
    const printed = stdout.split('\n').map(withoutMeasurements);
    const [session] = inLanguage('text');
    for (const line of session?.code.trimEnd().split('\n') ?? []) {
      expect(printed).toContain(withoutMeasurements(line));
    }
  });
});

/** Times and speeds differ from run to run, and ids with the programs. */
function withoutMeasurements(line: string): string {
  return line
    .replace(/\d\d:\d\d\.\d{3}/, 'TIME')
    .replace(/in [\d.]+ s( \([\d.]+ tok\/s\))?/, 'in SECONDS')
    .replace(/Client: \S+/, 'Client: ID');
}
