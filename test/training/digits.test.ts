import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../herd/package-root.js';
import { convertMlp } from '../../llama/convert-mlp.js';
import { readSafetensors } from '../../llama/safetensors.js';
import { findTorch, NO_TORCH } from './python.js';

const python = findTorch();
if (python === undefined) console.warn(`skipped: ${NO_TORCH}`);
const folder = mkdtempSync(join(tmpdir(), 'corral-digits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const inModels = (name: string) => join(packageRoot, 'models', name);
const read = (...path: string[]) => readFileSync(join(folder, ...path));

/** Runs one of the training scripts; most of its time goes into loading PyTorch. */
function runScript(name: string, ...args: readonly string[]): string {
  const script = join(packageRoot, 'training', name);
  return execFileSync(python ?? '', [script, ...args], { encoding: 'utf8', cwd: folder });
}

const QUICK = ['--hidden', '20', '--digits', '200', '--epochs', '1'];

const hasPython = spawnSync('python3', ['--version']).status === 0;

test.skipIf(!hasPython).each(['digits.py', 'draw_digits.py', 'safetensors_file.py'])(
  '%s without PyTorch says in one line how to get it',
  (name) => {
    const script = join(packageRoot, 'training', name);
    const env = { PATH: process.env.PATH };
    const bare = spawnSync('python3', ['-S', script], { encoding: 'utf8', env, cwd: folder });
    expect(bare.stderr).toMatch(/^\S+ has no PyTorch\. .*python3-torch.*\n$/);
    expect(bare.status).toBe(1);
  },
);

describe.skipIf(python === undefined)('training/digits.py', () => {
  test('gives the same bytes for the same seed, and others for another', () => {
    for (const [out, seed] of [
      ['a', '1'],
      ['b', '1'],
      ['c', '2'],
    ] as const) {
      runScript('digits.py', out, ...QUICK, '--seed', seed);
    }
    const name = 'digits-20.safetensors';
    expect(read('a', name).equals(read('b', name))).toBe(true);
    expect(read('a', name).equals(read('c', name))).toBe(false);
    expect(read('a', 'held-out.idx3-ubyte').equals(read('c', 'held-out.idx3-ubyte'))).toBe(false);
  });

  test('draws the digits that come with Corral', () => {
    runScript('digits.py', 'drawn', ...QUICK);
    for (const name of ['held-out.idx3-ubyte', 'held-out.idx1-ubyte']) {
      expect(read('drawn', name).equals(readFileSync(inModels(name)))).toBe(true);
    }
  });

  test('reads the files of MNIST', () => {
    mkdirSync(join(folder, 'mnist'));
    for (const [part, spelling] of [
      ['train', '-'],
      ['t10k', '.'],
    ] as const) {
      for (const [what, idx] of [
        ['images', 'idx3-ubyte'],
        ['labels', 'idx1-ubyte'],
      ] as const) {
        const name = `${part}-${what}${spelling}${idx}`;
        copyFileSync(inModels(`held-out.${idx}`), join(folder, 'mnist', name));
      }
    }
    runScript('digits.py', 'real', ...QUICK, '--mnist', 'mnist');
    const report = JSON.parse(read('real', 'report.json').toString());
    expect(report['digits-20']).toMatchObject({ digits: 100, epochs: 1 });
  });

  test('saves a state dict that becomes the same model', () => {
    runScript('digits.py', 'state', ...QUICK, '--state-dict');
    const scale = ['--input-scale', `${1 / 255}`];
    runScript('safetensors_file.py', 'state/digits-20.state_dict', 'other.safetensors', ...scale);
    const options = { name: 'same' };
    const { gguf } = convertMlp(readSafetensors(read('other.safetensors')), options);
    const direct = convertMlp(readSafetensors(read('state', 'digits-20.safetensors')), options);
    expect(Buffer.from(gguf).equals(direct.gguf)).toBe(true);
  });
});
