import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../herd/package-root.js';
import { runCorral } from './program.js';

const folder = mkdtempSync(join(tmpdir(), 'corral-convert-'));
afterAll(() => rmSync(folder, { recursive: true }));
const weights = join(packageRoot, 'models', 'digits-20.safetensors');
const out = join(folder, 'digits.gguf');

test('writes the model and says what it is', async () => {
  const { code, stdout, stderr } = await runCorral(['convert', weights, '--out', out]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    `${out}: digits-20, 784-20-10, F32`,
    '15,910 weights in 64,288 bytes',
    'an input byte is multiplied by 0.00392157; answers: 0 1 2 3 4 5 6 7 8 9',
    '',
  ]);
  const committed = readFileSync(join(packageRoot, 'models', 'digits-20.gguf'));
  expect(readFileSync(out).equals(committed)).toBe(true);
});

test('takes the type, the labels and the scale that it is given', async () => {
  const labels = 'zero,one,two,three,four,five,six,seven,eight,nine';
  const args = ['--type', 'F16', '--labels', labels, '--input-scale', '0.5', '--name', 'words'];
  const { stdout } = await runCorral(['convert', weights, '--out', out, ...args]);
  expect(stdout).toContain('words, 784-20-10, F16\n');
  expect(stdout).toContain('multiplied by 0.500000; answers: zero one two');
});

test.each([
  ['no target', [weights], 2, '--out'],
  ['an unknown type', [weights, '--out', out, '--type', 'F8'], 2, 'F32, F16, Q8_0'],
  ['a scale that is no number', [weights, '--out', out, '--input-scale', 'x'], 2, 'above 0'],
  ['too few labels', [weights, '--out', out, '--labels', 'a,b'], 1, 'CONVERT_BAD_OPTION'],
  ['a missing file', ['none.safetensors', '--out', out], 1, 'none.safetensors'],
  ['a target that cannot be', [weights, '--out', join(out, 'x')], 1, 'FILE_NOT_WRITABLE'],
])('refuses %s, with what to do', async (_, args, exit, hint) => {
  const { code, stdout, stderr } = await runCorral(['convert', ...args]);
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  expect(stderr).toContain(hint);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('refuses a file that is no safetensors', async () => {
  const file = join(folder, 'text.safetensors');
  writeFileSync(file, 'these are no weights');
  const { code, stderr } = await runCorral(['convert', file, '--out', out]);
  expect(code).toBe(1);
  expect(stderr).toContain('SAFETENSORS_MALFORMED');
  expect(stderr.match(/save or download it again/g)).toHaveLength(1);
});
