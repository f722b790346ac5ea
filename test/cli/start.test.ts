import { beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, runCorral, startCorralProgram, stopProgram } from './program.js';

describe('the first session without a terminal', () => {
  let session: Outcome;
  let steps: string[];
  beforeAll(async () => {
    session = await runCorral(['start', '--port-base', '23500', '--topic', 'cats']);
    steps = session.stdout.split(/^(?=\d\. )/m);
  });

  test('is all on stdout, without escape codes, and exits with 0', () => {
    expect(session).toMatchObject({ code: 0, stderr: '' });
    expect(session.stdout).not.toContain('\x1b');
    expect(steps.slice(1).map((step) => step.slice(0, 2))).toEqual([
      '1.',
      '2.',
      '3.',
      '4.',
      '5.',
      '6.',
    ]);
  });

  test('1: the banner says what there is, warning of the known keys', () => {
    const banner = steps[1];
    for (const part of [
      /^Corral \d+\.\d+\.\d+/m,
      /^Seed 1/m,
      /gateway +http:\/\/127\.0\.0\.1:23500/,
      /publicly known keys/,
      /alice +[\w-]{43} +\d+ AR +[\d.]+ wAR/,
      /wAR +xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10/,
      /feeBase 1 +feeToken 1 +feeBump 1\.005 +last multiplier 1/,
      /[\d,]+ parameters +[\d.]+ MB/,
      /^Ready in [\d,]+ ms$/m,
    ]) {
      expect(banner).toMatch(part);
    }
  });

  test('2: a process gets 0.001 wAR and is told so', () => {
    expect(steps[2]).toMatch(/> \.fund 0\.001\n/);
    expect(steps[2]).toContain('Credit-Notice');
    expect(steps[2]).toMatch(/^1000000000$/m);
    expect(steps[2]).toContain('0.001000000000 wAR');
  });

  test('3: the Llama object has its fields', () => {
    expect(steps[3]).toContain('.load-blueprint apm');
    expect(steps[3]).toContain('APM.install("@sam/Llama-Herder")');
    const fields = 'herder token feeBase feeToken lastMultiplier queueLength feeBump'.split(' ');
    for (const field of fields) expect(steps[3]).toContain(`${field} =`);
  });

  test('4: the herd answers and the fee is what the formula says', () => {
    expect(steps[4]).toMatch(/ REQ\] +Requested: 26 \| Fee: 1\.00x/);
    expect(steps[4]).toMatch(/ DISPATCH\] .*Worker: /);
    expect(steps[4]).toMatch(/ RES\] +\d+ tokens in /);
    expect(steps[4]).toMatch(/llama-\d: \S.*\(\d+ tokens\)/);
    expect(steps[4]).toContain('= (1 + (6 + 20) x 1) x 1 = 27 winston');
    expect(steps[4]).toMatch(/^999999973$/m);
    expect(steps[4]).toContain('0.000999999973 wAR');
  });

  test('5: the joker was prompted in roles and tells a joke on the topic', () => {
    expect(steps[5]).toMatch(/<\|system\|>\n[^<]+<\|user\|>\n +cats\n +<\|assistant\|>/);
    expect(steps[5]).toMatch(/^[A-Z][^\n]*[.!?]$/m);
  });

  test('6: without wAR the transfer fails, and the way out is named', () => {
    expect(steps[6]).toContain('Transfer-Error');
    expect(steps[6]).toContain('.fund penniless 0.001');
  });
});

test('Ctrl-C in mid answer stops cleanly, with 130', async () => {
  const program = startCorralProgram(['start', '--port-base', '23510']);
  await program.said('stdout', /llama-\d: \S/); // the first token of the first answer
  const { code, stderr } = await stopProgram(program);
  expect(code).toBe(130);
  expect(stderr).not.toMatch(/^\s+at /m);
});
