import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import AoLoader, { type LoaderHandle, type LoaderMessage } from '../../clients/loader/loader.js';
import { printed, startNetwork } from '../actors/kernel-module.js';

const environment = { Process: { Id: 'PROCESS', Owner: 'OWNER', Tags: [] } };
const spawnMessage: LoaderMessage = {
  Id: 'PROCESS',
  Target: 'PROCESS',
  From: 'OWNER',
  Owner: 'OWNER',
  Module: 'MODULE',
  'Block-Height': '1',
  Timestamp: 1000,
  Data: '',
  Tags: [{ name: 'Type', value: 'Process' }],
};
const evaluation = (code: string, fields: LoaderMessage = {}): LoaderMessage => ({
  ...spawnMessage,
  Id: 'MESSAGE',
  Tags: [{ name: 'Action', value: 'Eval' }],
  Data: code,
  ...fields,
});
const load = (options = {}) => AoLoader(new Uint8Array(), options);

let handle: LoaderHandle;
let start: Buffer;
const run = async (memory: Buffer | null, code: string) =>
  handle(memory, evaluation(code), environment);

beforeAll(async () => {
  handle = await load();
  start = (await handle(null, spawnMessage, environment)).Memory;
});

describe('a memory', () => {
  test('is a Buffer that any handle goes on from', async () => {
    const first = await run(start, 'x = 41; return x');
    expect(first.Memory).toBeInstanceOf(Buffer);
    const other = await load();
    const second = await other(first.Memory, evaluation('return x + 1'), environment);
    expect(second.Output.data).toBe('42');
  });

  test('survives a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'corral-loader-'));
    const file = join(folder, 'memory.bin');
    writeFileSync(file, (await run(start, 'x = "kept"')).Memory);
    expect((await run(readFileSync(file), 'return x')).Output.data).toBe('kept');
    rmSync(folder, { recursive: true });
  });

  test('is taken as an ArrayBuffer and as any view of one', async () => {
    const { Memory } = await run(start, 'x = 1');
    const bytes = Uint8Array.from(Memory);
    for (const memory of [bytes, bytes.buffer, new Uint8Array([0, ...bytes]).subarray(1)]) {
      const result = await handle(memory, evaluation('return x'), environment);
      expect(result.Output.data).toBe('1');
    }
  });

  test('forks: two futures of one past do not see each other', async () => {
    const past = (await run(start, 'list = { 1 }')).Memory;
    const left = (await run(past, 'table.insert(list, 2)')).Memory;
    const right = (await run(past, 'table.insert(list, 3)')).Memory;
    expect((await run(left, 'return table.concat(list, ",")')).Output.data).toBe('1,2');
    expect((await run(right, 'return table.concat(list, ",")')).Output.data).toBe('1,3');
    expect((await run(past, 'return table.concat(list, ",")')).Output.data).toBe('1');
  });

  test('null goes on from where the handle is; a new handle is a new process', async () => {
    await run(start, 'x = "here"');
    expect((await run(null, 'return x')).Output.data).toBe('here');
    const other = await load();
    await other(null, spawnMessage, environment);
    const result = await other(null, evaluation('return tostring(x)'), environment);
    expect(result.Output.data).toBe('nil');
  });

  test('of something else is refused', async () => {
    for (const foreign of [Buffer.alloc(65_536), start.subarray(0, 1000), Buffer.alloc(0)]) {
      await expect(run(foreign, 'return 1')).rejects.toMatchObject({ code: 'MEMORY_FOREIGN' });
    }
    const flipped = Buffer.from(start);
    flipped[10] = 255 - (flipped[10] ?? 0); // in the hash of the image
    await expect(run(flipped, 'return 1')).rejects.toMatchObject({ code: 'MEMORY_FOREIGN' });
  });
});

describe('a handle', () => {
  test('gives the same for the same message on the same memory, byte for byte', async () => {
    const code = 'Seen = { math.random(), os.time(), tostring({}) }; return Seen[1]';
    const { Memory, ...answer } = await run(start, code);
    const other = await load();
    for (const again of [handle, other]) {
      const result = await again(start, evaluation(code), environment);
      expect(result).toMatchObject(answer);
      expect(result.Memory.equals(Memory)).toBe(true);
    }
  });

  test('one of a hundred, called together, keeps to itself', async () => {
    const handles = await Promise.all(Array.from({ length: 100 }, () => load()));
    const outputs = await Promise.all(
      handles.map(async (each, i) => {
        await each(null, { ...spawnMessage, From: `O${i}`, Owner: `O${i}` }, environment);
        const who = { From: `O${i}`, Owner: `O${i}` };
        await each(null, evaluation(`x = ${i}`, who), environment);
        return (await each(null, evaluation('return x .. Owner', who), environment)).Output.data;
      }),
    );
    expect(outputs).toEqual(Array.from({ length: 100 }, (_, i) => `${i}O${i}`));
  });

  test('leaves the globals of the program alone', async () => {
    const before = [Date.now, Math.random, console.log, WebAssembly, performance.now];
    await run(start, 'return 1');
    await run(start, 'error("x")');
    const after = [Date.now, Math.random, console.log, WebAssembly, performance.now];
    expect(after).toEqual(before);
    expect(Date.now()).toBeGreaterThan(1_700_000_000_000);
  });

  test('gives what a network gives for the same program', async () => {
    const { network, spawn } = await startNetwork();
    const code = 'Send({ Target = "T", Action = "Go", Data = "d" }); return 6 * 7';
    const process = await spawn();
    const there = await process.eval(code);
    const here = await run(start, code);
    expect(here.Output.data).toBe(printed(there));
    expect(here.Messages).toMatchObject([{ Target: 'T', Data: 'd' }]);
    expect(here.Messages.map(({ Tags }) => Tags)).toEqual(
      there.result?.messages.map(({ Tags }) => Tags),
    );
    await network.close();
  });

  test('takes a process that nobody spawned as spawned by who sends first', async () => {
    const fresh = await load();
    const result = await fresh(null, evaluation('return Owner'), environment);
    expect(result.Output.data).toBe('OWNER');
    const stranger = { From: 'STRANGER', Owner: 'STRANGER' };
    const refused = await fresh(null, evaluation('Owner = "STRANGER"', stranger), environment);
    expect(refused.Output.data).toContain('New Message From');
    const { Output } = await fresh(null, evaluation('return Owner'), environment);
    expect(Output.data).toBe('OWNER');
  });
});

describe('what fails', () => {
  test('in the program is an Error, with what it left in Memory', async () => {
    const failed = await run(start, 'y = 5; error("boom")');
    expect(failed).toMatchObject({ Error: expect.stringContaining('boom'), Output: undefined });
    expect((await run(failed.Memory, 'return y')).Output.data).toBe('5');
  });

  test('is undone if that is wanted', async () => {
    const careful = await load({ rollback: true });
    const failed = await careful(start, evaluation('y = 5; error("boom")'), environment);
    expect(failed.Error).toContain('boom');
    expect(failed.Memory.equals(start)).toBe(true);
    const next = await careful(null, evaluation('return tostring(y)'), environment);
    expect(next.Output.data).toBe('nil');
  });

  test('in the kernel throws what it said', async () => {
    const failed = handle(start, evaluation('return 1', { Tags: undefined }), environment);
    await expect(failed).rejects.toEqual(expect.stringContaining('has no Tags'));
  });

  test('for want of memory is an Error, and what never ends throws; the handle goes on', async () => {
    const small = await load({ memoryLimit: 8 * 1024 * 1024, computeLimit: '3000000' });
    await small(start, evaluation('x = 1'), environment);
    const long = small(null, evaluation('while true do end'), environment);
    await expect(long).rejects.toMatchObject({ code: 'INSTRUCTION_LIMIT' });
    const big = await small(null, evaluation('y = ("x"):rep(64 * 1024 * 1024)'), environment);
    expect(big.Error).toContain('not enough memory');
    expect((await small(null, evaluation('return x'), environment)).Output.data).toBe('1');
  });
});

describe('options', () => {
  test('of binaries are taken and change nothing', async () => {
    const binaries = [new Uint8Array(8), new ArrayBuffer(8), () => undefined, null, undefined];
    for (const binary of binaries) {
      const other = await AoLoader(binary, {
        format: 'wasm64-unknown-emscripten-draft_2024_02_15',
        inputEncoding: 'JSON-1',
        extensions: [],
        computeLimit: 9e22,
        memoryLimit: '17179869184',
        blockHeight: 100,
        UNSAFE_MEMORY: true,
      });
      expect((await other(start, evaluation('return 1'), environment)).Output.data).toBe('1');
    }
    await expect(AoLoader()).resolves.toBeTypeOf('function');
    await expect(AoLoader(null, null)).resolves.toBeTypeOf('function');
  });

  test('say who the process is where a call does not', async () => {
    const other = await load({ spawn: { id: 'PROCESS', owner: 'OWNER', tags: [] } });
    await other(null, spawnMessage);
    expect((await other(null, evaluation('return ao.id'))).Output.data).toBe('PROCESS');
  });

  test.each([{ memoryLimit: '1-gb' }, { memoryLimit: -1 }, { computeLimit: 'much' }])(
    'refuses %o',
    async (options) => {
      await expect(load(options)).rejects.toMatchObject({ code: 'BAD_OPTION' });
    },
  );

  test('say in what they count when they are refused', async () => {
    const refusal = load({ memoryLimit: '500-mb' });
    await expect(refusal).rejects.toMatchObject({ hint: expect.stringContaining('in bytes') });
  });

  test('to run the binary need one', async () => {
    const program = 'binary';
    await expect(AoLoader(null, { program })).rejects.toMatchObject({ code: 'BAD_OPTION' });
    await expect(load({ program })).rejects.toMatchObject({ code: 'WASM_INVALID' });
    await expect(load({ program, format: 'wasm128' })).rejects.toThrow(/format is "wasm128"/);
  });

  test('refuses a memory in which the kernel does not fit', async () => {
    await expect(load({ memoryLimit: 65_536 })).rejects.toMatchObject({ code: 'BAD_LIMIT' });
  });
});

test('CommonJS suites require the function itself', async () => {
  const require = createRequire(import.meta.url);
  const required = require('../../dist/clients/loader/loader.js') as typeof AoLoader;
  const other = await required(null);
  const result = await other(null, spawnMessage, environment);
  expect(result.Error).toBeUndefined();
});
