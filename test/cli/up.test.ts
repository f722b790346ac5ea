import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CorralInfo } from '../../index.js';
import { type Program, runCorral, startCorralProgram, stopProgram } from './program.js';

const PORT_BASE = 23_100;
const ID = /^[\w-]{43}$/;

const folder = mkdtempSync(join(tmpdir(), 'corral-up-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('up --json', () => {
  let program: Program;
  let info: CorralInfo;
  beforeAll(async () => {
    program = startCorralProgram(['up', '--json', '--port-base', `${PORT_BASE}`, '--seed', '7']);
    info = JSON.parse(await program.said('stdout', /\n/)) as CorralInfo;
  });
  afterAll(() => stopProgram(program));

  test('says what runs where, in one line', () => {
    expect(info).toMatchObject({
      seed: 7,
      urls: { gateway: `http://127.0.0.1:${PORT_BASE}`, mu: expect.any(String) },
      model: { id: expect.stringMatching(ID), name: expect.any(String) },
      terms: { feeBase: '1', feeToken: '1', feeBump: '1.005', lastMultiplier: '1' },
      processes: {
        war: 'xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10',
        herder: 'wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw',
        workers: [expect.stringMatching(ID), expect.stringMatching(ID)],
        joker: expect.stringMatching(ID),
        apm: expect.stringMatching(ID),
      },
    });
    for (const id of [info.module, info.scheduler, info.authority]) expect(id).toMatch(ID);
    expect(info.wallets.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol']);
  });

  test('is the document at the gateway', async () => {
    const response = await fetch(`${info.urls.gateway}/corral`);
    expect(await response.json()).toEqual(info);
  });

  test('gives key files that aoconnect signs with', async () => {
    const { connect, createDataItemSigner } = await import('@permaweb/aoconnect');
    const { urls, module, scheduler, authority, wallets } = info;
    const ao = connect({
      MODE: 'legacy',
      GATEWAY_URL: urls.gateway,
      MU_URL: urls.mu,
      CU_URL: urls.cu,
    });
    const signer = createDataItemSigner(JSON.parse(readFileSync(wallets[0]!.jwk, 'utf8')));
    const tags = [{ name: 'Authority', value: authority }];
    const process = (await ao.spawn({ module, scheduler, signer, tags })) as string;
    const eval_ = [{ name: 'Action', value: 'Eval' }];
    const message = (await ao.message({ process, signer, tags: eval_, data: '6 * 7' })) as string;
    const { Output } = await ao.result({ process, message });
    expect(Output.data).toBe('42');
  });

  test('a second one on the same ports is told which is taken, and what to do', async () => {
    const { code, stdout, stderr } = await runCorral(['up', '--port-base', `${PORT_BASE}`]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`${PORT_BASE}`);
    expect(stderr).toContain('--port-base');
    expect(stderr).toContain('PORT_IN_USE');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('ends cleanly on SIGTERM, with one line on stdout and 0', async () => {
    program.child.kill('SIGTERM');
    const { code, stdout } = await program.outcome;
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });
});

test('up --host says that others may come in, before they can', async () => {
  const args = ['up', '--headless', '--host', '0.0.0.0', '--port-base', `${PORT_BASE + 30}`];
  const program = startCorralProgram(args);
  const warning = await program.said(
    'stderr',
    /warning: listening on 0\.0\.0\.0[\s\S]*SECURITY\.md/,
  );
  expect(warning).toContain('no password');
  await program.said('stderr', /Ctrl-C stops it/);
  const response = await fetch(`http://127.0.0.1:${PORT_BASE + 30}/info`);
  expect(response.status).toBe(200);
  await stopProgram(program);
});

describe('cannot boot, and says why on one screen', () => {
  const fails = async (args: string[]) => {
    const outcome = await runCorral(['up', '--headless', ...args]);
    expect({ code: outcome.code, stdout: outcome.stdout }).toEqual({ code: 1, stdout: '' });
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
    expect(outcome.stderr.trimEnd().split('\n').length).toBeLessThan(8);
    return outcome.stderr;
  };

  test('when a port in the middle is taken by something else', async () => {
    const server = createServer().listen(23_203, '127.0.0.1');
    try {
      expect(await fails(['--port-base', '23200'])).toContain('23203');
    } finally {
      server.close();
    }
  });

  test('when the --db folder cannot be written', async () => {
    const stderr = await fails(['--port-base', '23210', '--db', '/dev/null/corral']);
    expect(stderr).toContain('/dev/null/corral');
  });

  test('when the model file is missing', async () => {
    const stderr = await fails(['--port-base', '23210', '--model', join(folder, 'none.gguf')]);
    expect(stderr).toContain('none.gguf');
  });

  test('when the model file is no GGUF, or ends early', async () => {
    const text = join(folder, 'text.gguf');
    writeFileSync(text, 'this is a text');
    expect(await fails(['--port-base', '23210', '--model', text])).toContain('text.gguf');
    const short = join(folder, 'short.gguf');
    const demo = new URL('../../models/corral-llama.gguf', import.meta.url);
    writeFileSync(short, readFileSync(demo).subarray(0, 100_000));
    expect(await fails(['--port-base', '23210', '--model', short])).toContain('short.gguf');
  });
});
