/** The engine's numbers: against double precision, and against themselves on other instances. */
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../llama/config.js';
import { compileEngine, instantiateEngine } from '../../llama/engine.js';
import { readGguf } from '../../llama/gguf.js';
import { loadModel } from '../../llama/model.js';
import { openProgram } from '../../llama/program.js';
import { createSession } from '../../llama/session.js';
import { evaluateIds, readLogits } from './ids.js';
import { PEER_CASES, PEER_PROMPT } from './peer-cases.js';
import { randomModel } from './random-model.js';
import { referenceLogits } from './reference-model.js';

const small = PEER_CASES[0]!.shape;

/** Logits after each id, evaluating `step` ids at a time. */
function engineLogits(bytes: Uint8Array, ids: readonly number[], step: number): Float32Array {
  const program = openProgram(bytes);
  for (let length = step; length < ids.length + step; length += step) {
    evaluateIds(program, ids.slice(0, length));
  }
  return readLogits(program, vocabularyOf(bytes));
}

const vocabularyOf = (bytes: Uint8Array) => readConfig(readGguf(bytes)).vocabulary;

describe('the module', () => {
  test('imports its memory and nothing that computes', () => {
    const { module } = compileEngine();
    expect(WebAssembly.Module.imports(module)).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
  });

  test('has neither a table nor a mutable global, and never grows its memory', () => {
    const kinds = WebAssembly.Module.exports(compileEngine().module).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['function', 'memory']));
    const { memory } = instantiateEngine(compileEngine(), 65536);
    expect(memory.buffer.byteLength).toBe(65536);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  test('says what to do when it was not built', () => {
    expect(() => compileEngine(new URL('file:///nowhere/engine.wasm'))).toThrow(
      expect.objectContaining({ code: 'ENGINE_NOT_BUILT' }),
    );
  });
});

describe('the functions', () => {
  const { exports } = instantiateEngine(compileEngine(), 65536);
  const engine = exports as unknown as Record<string, (x: number) => number>;

  const holdsBound = (
    name: string,
    exact: (x: number) => number,
    range: [number, number],
    bound: number,
    relative: boolean,
  ) =>
    test(`${name} is within ${bound} of the host's`, () => {
      const [min, max] = range;
      fc.assert(
        fc.property(fc.double({ min, max, noNaN: true }), (input) => {
          const x = name === 'mathExpSingle' ? Math.fround(input) : input;
          const error = Math.abs(engine[name]!(x) - exact(x));
          return error <= bound * (relative ? Math.abs(exact(x)) : 1);
        }),
        { numRuns: 5000 },
      );
    });

  holdsBound('mathExpSingle', Math.exp, [-86.9, 88], 2 ** -22, true);
  holdsBound('mathExp', Math.exp, [-700, 700], 2 ** -50, true);
  holdsBound('mathLog', Math.log, [1.001, 1e9], 2 ** -49, true);
  holdsBound('mathSin', Math.sin, [-1e6, 1e6], 2 ** -48, false);
  holdsBound('mathCos', Math.cos, [-1e6, 1e6], 2 ** -48, false);

  test('exp of very small numbers is 0, of large ones finite', () => {
    expect(engine.mathExpSingle!(-88)).toBe(0);
    expect(engine.mathExpSingle!(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(engine.mathExpSingle!(1000)).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

describe('logits', () => {
  for (const { name, shape } of PEER_CASES) {
    test(`are those of double precision: ${name}`, () => {
      const bytes = randomModel(shape);
      const expected = referenceLogits(bytes, PEER_PROMPT).at(-1)!;
      const logits = engineLogits(bytes, PEER_PROMPT, PEER_PROMPT.length);
      const errors = [...logits].map((logit, i) => Math.abs(logit - expected[i]!));
      // In 8 bits, a rounding error of a sum may tip an input to the next step.
      const isInt8 = shape.format.startsWith('Q');
      expect(Math.max(...errors)).toBeLessThan(isInt8 ? 0.05 : 1e-4);
    });
  }

  test('do not depend on how the ids were batched, bit for bit', () => {
    for (const { shape } of PEER_CASES) {
      const bytes = randomModel(shape);
      const whole = engineLogits(bytes, PEER_PROMPT, PEER_PROMPT.length);
      expect(engineLogits(bytes, PEER_PROMPT, 1)).toEqual(whole);
      expect(engineLogits(bytes, PEER_PROMPT, 7)).toEqual(whole);
    }
  });

  test('do not depend on what the cache held before', () => {
    const bytes = randomModel(PEER_CASES[4]!.shape);
    const fresh = engineLogits(bytes, PEER_PROMPT, 64);
    const program = openProgram(bytes);
    const logits = () => readLogits(program, vocabularyOf(bytes));
    evaluateIds(program, [...PEER_PROMPT.slice(0, 9), 300, 301, 302]);
    evaluateIds(program, PEER_PROMPT);
    expect(logits()).toEqual(fresh);
    evaluateIds(program, [...PEER_PROMPT, 300]);
    evaluateIds(program, PEER_PROMPT);
    expect(logits()).toEqual(fresh);
  });

  test('are the same bits on another thread', async () => {
    const program = openProgram(randomModel(PEER_CASES[4]!.shape));
    program.begin({ prompt: 'the tea of the sea', maxTokens: 20, temperature: 1, seed: 3 });
    const image = program.memory.slice();
    while (program.run());
    expect(Buffer.compare(await runOnThread(image), program.memory)).toBe(0);
  });

  test('that are not finite are an error, not an answer', () => {
    const session = createSession(loadModel(spoil(randomModel(small))));
    session.setPrompt('the tea');
    expect(() => session.next()).toThrow(expect.objectContaining({ code: 'MODEL_NOT_FINITE' }));
    expect(session.state).toMatchObject({ status: 'done', stopReason: 'fault', tokens: 0 });
  });
});

/** Gives the output norm, the file's last tensor, a weight that is not a number. */
function spoil(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setFloat32(copy.length - small.width * 4, Number.NaN, true);
  return copy;
}

/** Runs a program's memory to its end in another thread, and gives it back. */
function runOnThread(image: Uint8Array): Promise<Uint8Array> {
  const source = `
    const { parentPort, workerData: w } = require('node:worker_threads');
    const pages = w.image.length / 65536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const bytes = new Uint8Array(memory.buffer);
    bytes.set(w.image);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(w.wasm), { env: { memory } });
    while (new DataView(memory.buffer).getUint32(0x10000, true) !== 2) exports.step();
    parentPort.postMessage(bytes);
  `;
  const workerData = { image, wasm: compileEngine().wasm };
  const thread = new Worker(source, { eval: true, workerData });
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}
