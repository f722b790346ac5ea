/**
 * Runs the programs of docs/CLIENTS.md against a network on other ports; what they print must be what
 * the document shows. Its lines for aos are run in test/conformance/, where there is an aos.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Corral, startCorral } from '../herd/corral.js';
import { packageRoot } from '../herd/package-root.js';
import { deskEnvironment } from './desk.js';
import { onPorts, snippetsOf } from './snippets.js';

const PORT_BASE = 4690;
const run = promisify(execFile);

const scratch = join(packageRoot, 'dist', 'clients-of-the-page'); // where `corral` is this package
const snippets = snippetsOf('docs/CLIENTS.md');
const programs = snippets.filter(({ language, shown }) => language === 'js' && shown !== undefined);

describe('docs/CLIENTS.md', () => {
  let home: string;
  let corral: Corral;
  const runNode = async (...args: string[]) => {
    const env = deskEnvironment({ HOME: home, CORRAL_PORT_BASE: String(PORT_BASE) });
    const { stdout } = await run(process.execPath, args, { cwd: scratch, env });
    return stdout;
  };

  beforeAll(async () => {
    mkdirSync(scratch, { recursive: true });
    home = mkdtempSync(join(tmpdir(), 'corral-clients-'));
    const keys = join(home, '.corral', 'keys');
    corral = await startCorral({ portBase: PORT_BASE, workers: 0, keys });
  });
  afterAll(async () => {
    await corral?.close();
    rmSync(home, { recursive: true, force: true });
  });

  for (const [index, { code, shown }] of programs.entries()) {
    test(`program ${index + 1}`, async () => {
      const file = join(scratch, `program-${index}.mjs`);
      writeFileSync(file, onPorts(code, PORT_BASE));
      expect(await runNode(file)).toBe(shown);
    });
  }

  test('a program with the shim before it', async () => {
    const command = snippets.find(({ code }) => code.startsWith('node --import corral/shim '));
    const app =
      "const answer = await fetch('https://arweave.net/info'); console.log(answer.status);";
    writeFileSync(join(scratch, 'app.js'), app);
    const [, ...args] = command?.code.trim().split(' ') ?? [];
    expect(await runNode(...args)).toBe('200\n');
  });
});
