/**
 * `corral challenger` and `corral defender` as programs beside a running network, over HTTP. The other
 * side of each game is a liar inside the network's own program.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { devWallet } from '../../arlocal/dev-wallets.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { type ArbiterReader, createArbiterReader } from '../../herd/bots/arbiter-reader.js';
import type { Bot, BotEvent, BotOptions } from '../../herd/bots/bot.js';
import { createChallenger } from '../../herd/bots/challenger.js';
import { createDefender } from '../../herd/bots/defender.js';
import { createNetworkPort } from '../../herd/bots/port.js';
import { runBot } from '../../herd/bots/run-bot.js';
import { createThinker } from '../../herd/bots/thinker.js';
import { createParties } from '../../herd/dispute/dispute-parties.js';
import { type Corral, type CorralOptions, startCorral } from '../../index.js';
import { type Program, runCorral, startCorralProgram, stopProgram } from './program.js';

const PORT_BASE = 23_700;
const URL = `http://127.0.0.1:${PORT_BASE}`;
const FAULT = { kind: 'token' } as const;

let keys: string;
let corral: Corral;
let programs: Program[];
let stops: (() => Promise<void>)[];
beforeEach(() => {
  keys = mkdtempSync(join(tmpdir(), 'corral-bots-'));
  programs = [];
  stops = [];
});
afterEach(async () => {
  await Promise.all(programs.map(stopProgram));
  await Promise.all(stops.map((stop) => stop()));
  await corral.close();
  rmSync(keys, { recursive: true });
});

/** A network that answered one question; returns the claim. */
async function answerOnce(options: CorralOptions): Promise<string> {
  corral = await startCorral({
    portBase: PORT_BASE,
    workers: 1,
    keys,
    defender: false,
    ...options,
  });
  const user = await corral.spawnUser({ name: 'user', war: 1_000_000n });
  await user.eval('Llama.run("What is rain?", 4)');
  const [claim = ''] = await reader().openClaims();
  return claim;
}

function reader(): ArbiterReader {
  const port = createNetworkPort(corral.network, corral.network.wallet('reader'));
  return createArbiterReader(port, corral.info.processes.arbiter);
}

/** Runs a bot inside the network's program, until the test ends. */
function runLiar(signer: Wallet, side: 'challenger' | 'defender', make: (o: BotOptions) => Bot) {
  const port = createNetworkPort(corral.network, signer);
  const { open } = createParties(side === 'defender' ? FAULT : { kind: 'none' });
  const arbiter = createArbiterReader(port, corral.info.processes.arbiter);
  const thinker = createThinker(port.data, open[side]);
  const running = runBot(make({ port, arbiter, thinker }));
  corral.network.events.on('evaluated', ({ process }) => {
    if (process === arbiter.id) running.wake();
  });
  running.wake();
  stops.push(running.stop);
}

function start(...args: string[]): Program {
  const program = startCorralProgram([...args, '--url', URL, '--json'], {
    env: { HOME: keys },
  });
  programs.push(program);
  return program;
}

const eventsIn = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as BotEvent);
const OVER = /"type":"over".*\n/;

test('a challenger finds a lying worker out, and is paid', async () => {
  const claim = await answerOnce({ plantedFault: FAULT });
  runLiar(corral.network.wallet('operator'), 'defender', createDefender);
  const told = eventsIn(await start('challenger', '--wallet', 'bob').said('stdout', OVER));
  expect((await reader().claim(claim)).status).toBe('refuted');
  expect(told.map(({ type }) => type).slice(0, 3)).toEqual(['checked', 'deposited', 'sent']);
  expect(told.at(-1)).toMatchObject({ role: 'challenger', type: 'over', won: true });
  const { free, locked } = await reader().account(devWallet('bob').wallet.address);
  expect({ free, locked }).toEqual({ free: `${15_000_000_000n}`, locked: '0' });
});

test('a challenger that is killed in mid game goes on when it is started again', async () => {
  const claim = await answerOnce({ plantedFault: FAULT });
  runLiar(corral.network.wallet('operator'), 'defender', createDefender);
  const first = start('challenger');
  await first.said('stdout', /(.*"type":"sent".*\n){4}/);
  first.child.kill('SIGKILL');
  await first.outcome;
  expect((await reader().claim(claim)).status).toBe('open');
  const told = eventsIn(await start('challenger').said('stdout', OVER));
  expect(told.some((event) => event.type === 'sent' && event.kind === 'Challenge')).toBe(false);
  expect(told.at(-1)).toMatchObject({ type: 'over', won: true });
  expect((await reader().claim(claim)).status).toBe('refuted');
});

test('a challenger puts no more at stake than it may', async () => {
  await answerOnce({ plantedFault: FAULT });
  const program = start('challenger', '--max-bond', '0.009');
  const told = eventsIn(await program.said('stdout', /"type":"failed".*\n/));
  expect(told.at(-1)).toMatchObject({
    error: { message: expect.stringContaining('9000000000 is the limit (maxBond)') },
  });
});

test('a defender stands up for a true answer', async () => {
  const claim = await answerOnce({});
  const { war } = corral.info.processes;
  runLiar(devWallet('carol').wallet, 'challenger', (options) =>
    createChallenger({ ...options, war }),
  );
  const told = eventsIn(await start('defender').said('stdout', OVER));
  expect(told.at(-1)).toMatchObject({ role: 'defender', type: 'over', won: true });
  expect((await reader().claim(claim)).status).toBe('open');
});

describe('bots inside the network', () => {
  test('compute on threads of their own, and act when something happens', async () => {
    const { events, onBotEvent, until } = listen();
    const options = { listen: false, defender: true, challenger: true, onBotEvent };
    const claim = await answerOnce({ ...options, plantedFault: FAULT });
    await until(() => events.some(({ type }) => type === 'waits'));
    // The herd's own defender is honest: it does not stand up for this.
    expect(events.map(({ role, type }) => `${role} ${type}`)).toEqual([
      'challenger checked',
      'challenger deposited',
      'challenger sent',
      'defender waits',
    ]);
    await corral.network.clock.advance(10 * 60_000);
    await until(() => events.filter(({ type }) => type === 'over').length === 2);
    expect((await reader().claim(claim)).status).toBe('refuted');
  });

  test('of virtual time act when told to, and not before', async () => {
    const { events, onBotEvent } = listen();
    const bots = { defender: true, challenger: true, onBotEvent };
    await answerOnce({ listen: false, clock: 'virtual', ...bots });
    expect(events).toEqual([]);
    for (const bot of corral.bots) await bot.act();
    expect(events.map(({ role, type }) => `${role} ${type}`)).toEqual(['challenger checked']);
  });

  test('a network closes in the middle of a computation', async () => {
    await answerOnce({ listen: false, defender: true, challenger: true });
    await corral.close();
  });
});

/** What bots tell, and a way to wait for it. */
function listen() {
  const events: BotEvent[] = [];
  const checks = new Set<() => void>();
  return {
    events,
    onBotEvent(event: BotEvent) {
      events.push(event);
      for (const check of checks) check();
    },
    until: (condition: () => boolean) =>
      new Promise<void>((resolve) => {
        const check = () => {
          if (condition()) resolve();
        };
        checks.add(check);
        check();
      }),
  };
}

describe('what cannot be', () => {
  test('is told: a network that stops', async () => {
    await answerOnce({});
    const program = start('challenger');
    await program.said('stdout', /"type":"checked"/);
    await corral.close();
    const { code, stderr } = await program.outcome;
    expect(code).toBe(1);
    expect(stderr).toContain('NETWORK_STOPPED');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('is told: a limit of bonds that is no amount of wAR', async () => {
    await answerOnce({});
    const { code, stderr } = await runCorral(['challenger', '--url', URL, '--max-bond', '1e3']);
    expect(code).toBe(2);
    expect(stderr).toContain('--max-bond cannot be "1e3"');
  });

  test('is told: no network there, no such key file', async () => {
    await answerOnce({});
    const nowhere = ['challenger', '--url', 'http://127.0.0.1:23799'];
    expect(await runCorral(nowhere)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('NETWORK_UNREACHABLE'),
    });
    expect(await runCorral(['defender', '--url', URL, '--wallet', 'nobody.json'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nobody.json'),
    });
  });
});
