/**
 * Programs with production's hosts wired in, run with the built shim in processes of their own, whose
 * sockets are watched: nothing may leave the machine.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWallClock } from '../../actors/clock.js';
import type { ActorNetwork } from '../../actors/network.js';
import { devWallet } from '../../arlocal/dev-wallets.js';
import { HOSTS } from '../../clients/hosts.js';
import { publishModules } from '../../herd/modules.js';
import { createApps, listen } from '../../herd/serve.js';
import { startNetwork } from '../actors/kernel-module.js';
import { missingPeer, peerFolder } from '../peers.js';

const PORT_BASE = 24_100;
const aos = peerFolder('aos');
const here = dirname(fileURLToPath(import.meta.url));
const preloads = [join(here, 'shim/watch-sockets.mjs'), join(here, '../../dist/clients/shim.js')];

interface RunOptions {
  readonly portBase?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program with the shim, watched; `left` are the hosts that it tried to reach elsewhere. */
async function runPreloaded(
  program: string,
  args: readonly string[],
  { portBase = PORT_BASE, env = {} }: RunOptions = {},
): Promise<{ stdout: string; left: readonly string[] }> {
  const options = preloads.flatMap((file) => ['--import', file]);
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [...options, program, ...args],
    { env: { ...process.env, CORRAL_PORT_BASE: String(portBase), ...env } },
  );
  const { left } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { left: string[] };
  return { stdout, left };
}

async function runProgram<Said>(name: string, args: readonly string[], options?: RunOptions) {
  const { stdout, left } = await runPreloaded(join(here, 'shim', name), args, options);
  return { said: JSON.parse(stdout) as Said, left };
}

let network: ActorNetwork;
let close: () => Promise<void>;
/** What the calls are made with. */
let given: { process: string; message: string; [name: string]: unknown };

beforeAll(async () => {
  const started = await startNetwork({ clock: createWallClock(Date.now) });
  network = started.network;
  publishModules(network); // aos spawns from ids that it has built in
  close = await listen(
    createApps(network, () => ({})),
    PORT_BASE,
  );
  const { wallet, jwk } = devWallet('alice');
  const spawned = await network.spawn({ from: wallet, module: started.module });
  given = {
    jwk,
    module: started.module,
    scheduler: network.addresses.scheduler,
    authority: network.addresses.messenger,
    process: spawned.id,
    message: (await spawned.eval('1 + 1')).id,
  };
});
afterAll(async () => {
  await close();
  await network.close();
});

describe('hard-wired hosts, through corral/shim', () => {
  describe.each(['legacy', 'mainnet'])('aoconnect, %s mode without any URL', (mode) => {
    let answers: Record<string, { value?: unknown; error?: string }>;
    let left: readonly string[];

    beforeAll(async () => {
      const ended = await runProgram<typeof answers>('call-aoconnect.mjs', [
        mode,
        JSON.stringify(given),
      ]);
      answers = ended.said;
      left = ended.left;
    });

    test('getLastSlot', () => {
      expect(answers.getLastSlot).toEqual({ value: expect.stringMatching(/^\d+$/) });
    });

    test('getMessageById', () => {
      expect(answers.getMessageById).toMatchObject({
        value: { message: { id: given.message }, assignment: { tags: expect.any(Array) } },
      });
    });

    test('getMessages', () => {
      const { value } = answers.getMessages as { value: { edges: { node: unknown }[] } };
      expect(value.edges.map(({ node }) => node)).toContainEqual(
        expect.objectContaining({ message: expect.objectContaining({ id: given.message }) }),
      );
    });

    test('spawn', () => {
      expect(answers.spawn).toEqual({ value: expect.stringMatching(/^[\w-]{43}$/) });
    });

    test('message with returnAssignmentSlot', () => {
      const slot = mode === 'legacy' ? expect.stringMatching(/^\d+$/) : expect.any(Number);
      expect(answers.message).toEqual({ value: slot });
    });

    test('result', () => {
      expect(answers.result).toMatchObject({ value: { Output: { data: '42' } } });
    });

    test('no request leaves the machine', () => {
      expect(left).toEqual([]);
    });
  });

  describe('any host of the table', () => {
    const PATHS: Partial<Record<string, string>> = { gateway: '/info', node: '/~meta@1.0/info' };
    /** Answers by URL and way to ask: `fetch`, `https` as each kind of module gets it. */
    let visits: { url: string; way: string; status: unknown }[];
    let left: readonly string[];
    const urls = HOSTS.map(([host, part]) => {
      return `https://${host.replace(/[*?]/, '1')}${PATHS[part] ?? '/'}`;
    });

    beforeAll(async () => {
      const ended = await runProgram<typeof visits>('visit-hosts.mjs', urls);
      visits = ended.said;
      left = ended.left;
    });

    test.each(urls)('%s', (url) => {
      const status = url.startsWith('https://1.arweave.net') ? 404 : 200; // no ArNS name is known
      const answers = visits.filter((visit) => visit.url === url);
      expect(answers.map(({ way }) => way)).toEqual(['fetch', 'request', 'esm', 'default', 'cjs']);
      for (const answer of answers) expect(answer).toEqual({ ...answer, status });
    });

    test('no request leaves the machine', () => {
      expect(left).toEqual([]);
    });
  });

  describe.skipIf(!aos)(`aos without any URL${aos ? '' : `: ${missingPeer('aos')}`}`, () => {
    const home = mkdtempSync(join(tmpdir(), 'corral-aos-'));
    afterAll(() => rmSync(home, { recursive: true }));

    test.each(['mainnet', 'legacy'])('%s mode', async (mode) => {
      const program = join(aos ?? '', 'src/index.js');
      const args = [`shim-${mode}`, '--run', '6 * 7', ...(mode === 'legacy' ? ['--legacy'] : [])];
      const env = { HOME: home, CI: '1', TERM: 'dumb' };
      const { stdout, left } = await runPreloaded(program, args, { env });
      expect(stdout).toMatch(/Your AOS Process: .*[\w-]{43}[\s\S]*\n42\n/);
      expect(left).toEqual([]);
    });
  });

  test('hosts that are not in the table are left alone', async () => {
    const { left } = await runProgram('visit-hosts.mjs', ['https://corral.example/']);
    expect(left).toEqual(['corral.example']);
  });

  test('without a network the error says what to do', async () => {
    const { said, left } = await runProgram<{ status: string }[]>(
      'visit-hosts.mjs',
      ['https://arweave.net/info'],
      { portBase: PORT_BASE + 50 },
    );
    expect(left).toEqual([]);
    for (const { status } of said) expect(status).toBe('NETWORK_NOT_RUNNING');
  });

  test('an address that is none stops the program before it begins', async () => {
    const failed = runProgram('visit-hosts.mjs', ['https://arweave.net/'], { portBase: 99_999 });
    await expect(failed).rejects.toThrow(/CORRAL_PORT_BASE is "99999", not a port/);
  });
});
