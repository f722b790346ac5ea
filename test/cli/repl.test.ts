import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Program, runCorral, startCorralProgram, stopProgram } from './program.js';

const PORT_BASE = 23_400;
const folder = mkdtempSync(join(tmpdir(), 'corral-repl-'));
let network: Program;
beforeAll(async () => {
  network = startCorralProgram(['up', '--json', '--port-base', `${PORT_BASE}`]);
  await network.said('stdout', /\n/);
});
afterAll(async () => {
  await stopProgram(network);
  rmSync(folder, { recursive: true });
});

/** Types lines into the REPL of a process and reads what it answers. */
async function type(name: string, ...lines: string[]) {
  const input = `${lines.join('\n')}\n`;
  const env = { XDG_STATE_HOME: folder };
  const { code, stdout, stderr } = await runCorral(['repl', name, '--port-base', `${PORT_BASE}`], {
    input,
    env,
    cwd: folder,
  });
  return { code, stdout, stderr };
}

test('lines are evaluated in order, only results are printed', async () => {
  const { code, stdout, stderr } = await type('sums', 'X = 40', 'X + 2', '"a" .. "b"');
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '42\nab\n', stderr: '' });
});

test('Send, Inbox and Handlers are those of the process', async () => {
  const { stdout } = await type(
    'talker',
    'Handlers.add("ping", "Ping", function(msg) msg.reply({ Data = "pong" }) end)',
    'Handlers.list[#Handlers.list].name',
    '#Inbox >= 0',
  );
  expect(stdout).toContain('ping');
  expect(stdout).toContain('true');
});

test('an open block waits for its end', async () => {
  const { stdout } = await type(
    'blocks',
    'function double(x)',
    '  return x * 2',
    'end',
    'double(21)',
  );
  expect(stdout).toBe('42\n');
});

describe('dot-commands', () => {
  test('.editor collects lines until .done; .cancel drops them', async () => {
    const { stdout } = await type(
      'editor',
      '.editor',
      'local sum = 0',
      '',
      'for i = 1, 4 do sum = sum + i end',
      'return sum',
      '.done',
      '.editor',
      'error("never")',
      '.cancel',
    );
    expect(stdout).toBe('10\n');
  });

  test('.load brings required files', async () => {
    writeFileSync(join(folder, 'main.lua'), 'local part = require("part")\nreturn part.answer');
    writeFileSync(join(folder, 'part.lua'), 'return { answer = 42 }');
    expect((await type('loader', '.load main.lua')).stdout).toBe('42\n');
  });

  test('.load-blueprint loads one that ships with Corral', async () => {
    const { stdout } = await type('ledger', '.load-blueprint token', 'Denomination');
    expect(stdout).toMatch(/^12$/m);
  });

  test('.fund and .balance move and show wAR', async () => {
    const { stdout } = await type('rich', '.fund 0.001', '.balance');
    expect(stdout).toContain('Credit-Notice');
    expect(stdout).toMatch(/^rich: 1000000000 \(0\.001000000000 wAR\)$/m);
  });

  test('.spawn and .use go from process to process', async () => {
    const { stdout } = await type('one', 'X = 1', '.spawn two', 'tostring(X)', '.use one', 'X');
    expect(stdout).toBe('nil\n1\n');
  });

  test('.processes, .wallets and .help tell what there is', async () => {
    const { stdout } = await type('guide', '.processes', '.wallets', '.help');
    expect(stdout).toMatch(/wAR +xU9zFkq3X2ZQ6olwNVvr1vUWIjc3kXTWr7xKQD6dh10/);
    expect(stdout).toMatch(/guide +[\w-]{43} +<- you are here/);
    expect(stdout).toMatch(/alice +[\w-]{43} +\d+ AR +[\d.]+ wAR/);
    expect(stdout).toMatch(/\.load-blueprint NAME/);
  });

  test('nothing after .exit is evaluated', async () => {
    expect((await type('leaver', '1', '.exit', '2')).stdout).toBe('1\n');
  });
});

test('a process gets the client of the herd as the hint says', async () => {
  const asked = await type(
    'asker',
    '.load-blueprint apm',
    'APM.install("@sam/Llama-Herder")',
    '.fund 0.001',
    'Llama.run("Hello?", 5)',
  );
  expect(asked.stdout).toMatch(/Llama-Herder: \S/);
});

test('mistakes are told and the next line is welcome', async () => {
  const mistakes = {
    '.lod x': 'Did you mean .load?',
    '.load none.lua': 'there is no file "none.lua"',
    '.load-blueprint tokn': 'Did you mean token?',
    '.use nobody': 'no process named "nobody"',
    '.use herder': 'the process herder is not yours',
    '.fund lots': '.fund cannot give "lots"',
    '.fund': '.fund needs AMOUNT',
    '.load': '.load needs FILE',
    '.spawn': '.spawn needs NAME',
    '.nope': 'unknown command .nope [USAGE]\n        .help lists',
    '.fund 99999999': /alice has [\d.]+ wAR, 99999999 wAR were asked for/,
    '.spawn clumsy': /you own a process named "clumsy" already: [\w-]{43}/,
    '.spawn wAR': '"wAR" is a built-in program of the network',
    '.done': 'no editor is open',
    'error("oh")': 'error in line 1: oh',
    'Llama.run("hay?", 3)': 'Type in its REPL: .load-blueprint apm, APM.install(',
    'Send({ Target = "nowhere" })': 'Target is the 43 characters',
    'while true do end': 'Look for a loop that never ends;',
    'x x': 'syntax error',
  };
  const { code, stdout, stderr } = await type('clumsy', ...Object.keys(mistakes), '"still here"');
  for (const message of Object.values(mistakes)) {
    if (typeof message === 'string') expect(stderr).toContain(message);
    else expect(stderr).toMatch(message);
  }
  expect(code).toBe(1);
  expect(stdout).toMatch(/still here\n$/);
});

test('what fails elsewhere because of a line is told where the line was typed, to nobody else', async () => {
  const failing = 'Handlers.add("pay", "Pay", function() error("no hay") end)';
  const { stdout } = await type('shop', failing, 'ao.id');
  const shop = stdout.trim().split('\n').at(-1) ?? '';
  const { code, stderr } = await type('buyer', `Send({ Target = "${shop}", Action = "Pay" })`);
  const where = `${shop.slice(0, 3)}...${shop.slice(-3)}`;
  expect(stderr).toContain(`error in ${where}, handler "pay", line 1: no hay (message `);
  expect(code).toBe(1);
});

test('without a network it says how to start one', async () => {
  const { code, stderr } = await runCorral(['repl', '--port-base', '23490']);
  expect(code).toBe(1);
  expect(stderr).toContain('nothing answers at http://127.0.0.1:23490');
  expect(stderr).toContain('corral up');
});
