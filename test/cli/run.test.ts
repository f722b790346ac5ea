import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Program, runCorral, startCorralProgram, stopProgram } from './program.js';

const PORT_BASE = 23_300;
const folder = mkdtempSync(join(tmpdir(), 'corral-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

function script(name: string, source: string): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

const run = (file: string, ...args: string[]) =>
  runCorral(['run', file, '--port-base', `${PORT_BASE}`, ...args]);

describe('in a running network', () => {
  let network: Program;
  beforeAll(async () => {
    network = startCorralProgram(['up', '--json', '--port-base', `${PORT_BASE}`]);
    await network.said('stdout', /\n/);
  });
  afterAll(() => stopProgram(network));

  test('stdout is what the script prints and returns, nothing else', async () => {
    const { code, stdout, stderr } = await run(script('a.lua', 'print("one")\nreturn { 1, 2 }'));
    expect(stdout).toMatch(/^one\n\{\s*1,\s*2\s*\}\n$/);
    expect(stderr).toContain(`joined the network at http://127.0.0.1:${PORT_BASE}`);
    expect(code).toBe(0);
  });

  test('required files travel with it, and their errors name file and line', async () => {
    script('greet.lua', 'return { hello = function(name) return "hello " .. name end }');
    const main = script('b.lua', 'local greet = require("greet")\nreturn greet.hello("herd")');
    expect(await run(main)).toMatchObject({ code: 0, stdout: 'hello herd\n' });
    script('broken.lua', '\n\nerror("no hay")');
    const { code, stdout, stderr } = await run(script('c.lua', 'return require("broken")'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('broken.lua:3: no hay');
    const lacking = await run(script('m.lua', 'return require("lib.hay")'));
    expect(lacking.stderr).toContain(`no local file ${join(folder, 'lib', 'hay.lua')}`);
    expect(lacking.code).toBe(1);
    const bare = await run(script('l.lua', 'return Llama.run("hay?", 3)'));
    expect(bare.stderr).toContain('This process has no client of the herd.');
    expect(bare.code).toBe(1);
  });

  test('what is only for a network of its own is said to be ignored', async () => {
    const file = script('i.lua', 'return 1');
    const { code, stderr } = await run(file, '--seed', '9', '--db', join(folder, 'ignored'));
    expect(stderr).toContain('ignored: --db, --seed');
    expect(code).toBe(0);
  });

  test('the programs of the network take no script', async () => {
    const { code, stderr } = await run(script('i.lua', 'return 1'), '--process', 'wAR');
    expect(stderr).toContain('"wAR" is a built-in program of the network');
    expect(code).toBe(1);
  });

  test('a syntax error names the file and its line, not those of the bundle', async () => {
    const { code, stderr } = await run(script('syntax.lua', '\nx = = 1'));
    expect(stderr).toMatch(/^error: syntax\.lua:2: unexpected symbol/m);
    expect(code).toBe(1);
  });

  test('waits for the answers that the script set off', async () => {
    const source = [
      'Handlers.add("answer", "Info-Response", function(msg)',
      '  print("base fee " .. msg["Base-Fee"])',
      'end)',
      'Send({ Target = "wh5vB2IbqmIBUqgodOaTvByNFDPr73gbUq1bVOUtCrw", Action = "Info" })',
    ].join('\n');
    const { code, stdout } = await run(script('d.lua', source), '--process', 'asker');
    expect(stdout).toContain('base fee 1');
    expect(code).toBe(0);
  });

  test('a process is found again by its name, and others know nothing of it', async () => {
    const set = script('set.lua', 'Secret = "hay"');
    const get = script('get.lua', 'return tostring(Secret)');
    await run(set, '--process', 'barn');
    expect((await run(get, '--process', 'barn')).stdout).toBe('hay\n');
    expect((await run(get, '--process', 'field')).stdout).toBe('nil\n');
  });

  test('a Lua error is on stderr, with its line, and exit code 1', async () => {
    const { code, stdout, stderr } = await run(script('e.lua', 'local x = nil\nreturn x.y'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: e.lua:2: ');
  });

  test('a handler that fails later fails the run', async () => {
    const source =
      'Handlers.add("bad", "Bad", function() error("late") end)\n' +
      'Send({ Target = ao.id, Action = "Bad" })';
    const { code, stderr } = await run(script('f.lua', source), '--process', 'late');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error in handler "bad".*: .*late \(message [\w-]{3}\.{3}[\w-]{3}\)$/m);
    expect(stderr.match(/late/g)).toHaveLength(1);
  });

  test('an answer that never comes is told, and fails the run', async () => {
    const source =
      'print("asked")\nSend({ Target = ao.id, Action = "Ask" }).receive({ Never = "x" })';
    const waiting = script('w.lua', source);
    for (let times = 1; times <= 2; times++) {
      const { code, stdout, stderr } = await run(waiting, '--process', 'waiter');
      expect({ code, asked: stdout.startsWith('asked\n') }).toEqual({ code: 1, asked: true });
      expect(stderr).toContain('still waits for an answer');
    }
    const answered = script('v.lua', 'return "not this one"');
    const { code, stderr } = await run(answered, '--process', 'waiter');
    expect(code).toBe(0);
    expect(stderr).not.toContain('still waits');
  });

  test('another key file owns other processes', async () => {
    const { stderr, code } = await run(
      script('g.lua', 'return 1'),
      '--wallet',
      join(folder, 'no.json'),
    );
    expect(code).toBe(1);
    expect(stderr).toContain('no.json');
    const wrong = script('wrong.json', '{"kty":"EC"}');
    expect((await run(script('g.lua', 'return 1'), '--wallet', wrong)).stderr).toContain(
      'WALLET_INVALID',
    );
  });
});

describe('without a network', () => {
  test('it boots one for itself and says so; the same seed gives the same ids', async () => {
    const file = script('alone.lua', 'return ao.id');
    const args = ['run', file, '--port-base', '23390', '--seed', '3'];
    const once = await runCorral(args);
    expect(once).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w-]{43}\n$/) });
    expect(once.stderr).toContain('booting one for this run');
    expect((await runCorral(args)).stdout).toBe(once.stdout);
  });

  test('a folder keeps for the next run what this one leaves', async () => {
    const file = script('count.lua', 'Count = (Count or 0) + 1\nreturn Count');
    const args = ['run', file, '--port-base', '23390', '--db', join(folder, 'db')];
    expect(await runCorral(args)).toMatchObject({ code: 0, stdout: '1\n' });
    expect(await runCorral(args)).toMatchObject({ code: 0, stdout: '2\n' });
  });
});
