/**
 * The REPL at a terminal: the real one on a real network, with a keyboard and a screen that are
 * streams. What is asserted is the text that reaches the screen.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countingAnchors } from '../../../cli/anchors.js';
import { catchInterrupts } from '../../../cli/interrupt.js';
import { connect, type JoinedNetwork } from '../../../cli/network.js';
import { openConsole } from '../../../cli/repl/console.js';
import { openHistory } from '../../../cli/repl/history.js';
import { runRepl } from '../../../cli/repl/repl.js';
import { createTerminal } from '../../../cli/terminal.js';
import { type Corral, startCorral } from '../../../index.js';

const CTRL_C = '\x03';
const CTRL_D = '\x04';
const CTRL_U = '\x15';
const UP = '\x1b[A';

const folder = mkdtempSync(join(tmpdir(), 'corral-terminal-'));
let corral: Corral;
let network: JoinedNetwork;
beforeAll(async () => {
  corral = await startCorral({ listen: false, workers: 1, keys: join(folder, 'keys') });
  const nextAnchor = countingAnchors('test');
  network = await connect(corral.fetch, corral.info, { nextAnchor });
});
afterAll(async () => {
  await network.close();
  await corral.close();
  rmSync(folder, { recursive: true });
});

/** A terminal of 80 columns with a REPL on a new process of that name. */
async function openTerminal(name: string) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const terminal = createTerminal({ stdin, stdout, stderr: stdout, env: { TERM: 'xterm' } });
  let screen = '';
  const checks = new Set<() => void>();
  stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (const check of checks) check();
  });
  const { client, feed } = network;
  const process = await client.spawn(name);
  const console = await openConsole({ terminal, client, process, debug: false });
  const interrupt = catchInterrupts(
    { on: () => undefined, off: () => undefined, exit: () => undefined },
    () => undefined,
  );
  const history = openHistory(join(folder, 'history'), () => undefined);
  const left = runRepl({ console, feed, interrupt, history });
  /** Resolves with what was shown since the last call, once it matches. */
  const shows = (pattern: RegExp) =>
    new Promise<string>((resolve) => {
      const check = () => {
        if (!pattern.test(screen)) return;
        checks.delete(check);
        resolve(screen);
        screen = '';
      };
      checks.add(check);
      check();
    });
  await shows(/Inbox/);
  // A Tab among other keys of one chunk counts as pasted: escape sequences go at once, else keys.
  const press = (keys: string) => {
    for (const key of keys.startsWith('\x1b') ? [keys] : keys) stdin.write(key);
  };
  return { process, left, shows, press };
}

test('a line is evaluated, and the arrow up brings it back', async () => {
  const { left, shows, press } = await openTerminal('arrows');
  press('40 + 2\r');
  await shows(/42\r?\n[\s\S]*Inbox/);
  press(UP);
  await shows(/40 \+ 2/);
  press('00\r');
  await shows(/240\r?\n[\s\S]*Inbox/);
  press(CTRL_D);
  expect(await left).toBe(0);
  expect(readFileSync(join(folder, 'history'), 'utf8')).toBe('40 + 2\n40 + 200\n');
});

test('Tab completes commands, names and what is in the process', async () => {
  const { left, shows, press } = await openTerminal('tabs');
  press('.load-b\t');
  await shows(/\.load-blueprint /);
  press('chatr\t');
  await shows(/chatroom/);
  writeFileSync(join(folder, 'barn-door.lua'), 'return 1');
  press(`${CTRL_U}.load ${folder}/ba\t`);
  await shows(/barn-door\.lua/);
  press(`${CTRL_U}Barn = { hayBales = 3 } print("built")\r`);
  await shows(/\nbuilt\r?\n[\s\S]*Inbox/);
  press('Bar\t');
  await shows(/Barn/);
  press('.h\t');
  await shows(/hayBales/);
  press('\r');
  await shows(/3\r?\n/);
  press('.exit\r');
  expect(await left).toBe(0);
});

test('what arrives is shown above the prompt, and counted in it; what is typed stays', async () => {
  const { process, left, shows, press } = await openTerminal('idle');
  press('half a li');
  await network.client.send(process.id, { Action: 'Hello' }, 'from outside');
  const screen = await shows(/Inbox:[^2]*2[\s\S]*half a li/);
  expect(screen).toMatch(/New Message From [\s\S]*Action = [\s\S]*Hello/);
  press(`${CTRL_C}.exit\r`);
  expect(await left).toBe(0);
});

test('tokens of an answer are shown while they come, then the answer', async () => {
  const { left, shows, press } = await openTerminal('asker');
  press('.fund 0.001\r');
  await shows(/Credit-Notice/);
  const loaded = new Promise<void>((resolve) => {
    network.feed.listen((event) => {
      if (event.type === 'evaluated' && event.action === 'APM.UpdateResponse') resolve();
    });
  });
  press('.load-blueprint apm\r');
  await shows(/Loading APM[\s\S]*Inbox/);
  await loaded; // the registry's answer is a message of its own, and may come a breath later
  press('APM.install("@sam/Llama-Herder")\r');
  await shows(/Downloaded/);
  press('Llama.run("What is the meaning of life?", 20)\r');
  await shows(/llama-1: \d+ tokens/);
  await shows(/Llama-Herder: [\s\S]*\w+/);
  press('.exit\r');
  expect(await left).toBe(0);
});

test('what goes wrong is shown above the next prompt, with what to do', async () => {
  const { left, shows, press } = await openTerminal('wrong');
  press('Send({ Target = "nowhere" })\r');
  await shows(/UNSENDABLE_MESSAGE[\s\S]*43 characters[\s\S]*Inbox/);
  press('Send({ Target = ao.id }).receive({ Never = "1" })\r');
  await shows(/still waits for an answer[\s\S]*Inbox/);
  press('.exit\r');
  expect(await left).toBe(0);
});

test('Ctrl-C drops what is typed; on an empty line it leaves at the second time', async () => {
  const { left, shows, press } = await openTerminal('stopper');
  press('for i = 1, 3 do\r');
  await shows(/\.\.\. /);
  press(CTRL_C);
  await shows(/Inbox/);
  press(CTRL_C);
  await shows(/Ctrl-C again leaves/);
  press(CTRL_C);
  expect(await left).toBe(0);
});

test('a network that stops ends the REPL, and it says so', async () => {
  const { left } = await openTerminal('orphan');
  const ended = expect(left).rejects.toMatchObject({ code: 'NETWORK_STOPPED' });
  await corral.close();
  await ended;
});
