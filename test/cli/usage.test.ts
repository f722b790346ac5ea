import { describe, expect, test } from 'vitest';
import { runCorral } from './program.js';

describe('help is the result, on stdout', () => {
  test('of the program', async () => {
    const { code, stdout, stderr } = await runCorral(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const command of ['start', 'up', 'run', 'repl'])
      expect(stdout).toContain(`corral ${command}`);
  });

  test('of a command, within 80 columns', async () => {
    const { code, stdout } = await runCorral(['up', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: corral up \[options\]\n/);
    for (const option of ['--headless', '--port-base N', '--db DIR', '--seed N', '--workers N']) {
      expect(stdout).toContain(option);
    }
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('and so is the version', async () => {
    expect(await runCorral(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe('a mistake is answered on stderr, with what to do, and exit code 2', () => {
  test.each([
    [['strat'], 'unknown command "strat"', 'Did you mean start?'],
    [['up', '--headles'], 'unknown option --headles', 'Did you mean --headless?'],
    [['up', '--workers', 'two'], '--workers cannot be "two"', 'from 1 to 64'],
    [['run'], 'needs FILE.lua', '`corral run --help`'],
  ])('%j', async (args, message, hint) => {
    const { code, stdout, stderr } = await runCorral(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

test('CORRAL_DEBUG shows the trace', async () => {
  const { stderr } = await runCorral(['strat'], { env: { CORRAL_DEBUG: '1' } });
  expect(stderr).toMatch(/^\s+at /m);
});
