/** The engine's numbers: against double precision, and against themselves on other instances. */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../llama/config.js';
import { compileEngine, engineWasmUrl, instantiateEngine } from '../../llama/engine.js';
import { readGguf } from '../../llama/gguf.js';
import { planLayout } from '../../llama/layout.js';
import { loadModel } from '../../llama/model.js';
import { PEER_CASES, PEER_PROMPT } from './peer-cases.js';
import { randomModel } from './random-model.js';
import { referenceLogits } from './reference-model.js';

const small = PEER_CASES[0]!.shape;
const GREEDY = { temperature: 0, topP: 1 };

/** Logits after each id, evaluating `step` ids at a time. */
function engineLogits(bytes: Uint8Array, ids: readonly number[], step: number): Float32Array {
  const { engine } = loadModel(bytes);
  for (let length = step; length < ids.length + step; length += step) {
    while (engine.advance(ids.slice(0, length)) > 0);
  }
  return engine.logits();
}

describe('the module', () => {
  test('imports its memory and nothing that computes', () => {
    const module = compileEngine();
    expect(WebAssembly.Module.imports(module)).toEqual([
      { module: 'env', name: 'memory', kind: 'memory' },
    ]);
  });

  test('has neither a table nor a mutable global, and never grows its memory', () => {
    const kinds = WebAssembly.Module.exports(compileEngine()).map(({ kind }) => kind);
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
  const engine = exports as Record<string, (x: number) => number>;

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
    const { engine } = loadModel(bytes);
    const evaluate = (ids: readonly number[]) => {
      while (engine.advance(ids) > 0);
    };
    evaluate([...PEER_PROMPT.slice(0, 9), 300, 301, 302]);
    evaluate(PEER_PROMPT);
    expect(engine.logits()).toEqual(fresh);
    evaluate([...PEER_PROMPT, 300]);
    evaluate(PEER_PROMPT);
    expect(engine.logits()).toEqual(fresh);
  });

  test('are the same bits on another thread', async () => {
    const bytes = randomModel(PEER_CASES[4]!.shape);
    const ids = await generateOnThread(bytes);
    const { engine } = loadModel(bytes);
    const expected = [...PEER_PROMPT];
    for (let i = 0; i < 20; i++) {
      while (engine.advance(expected) > 0);
      expected.push(engine.sample({ ...GREEDY, random: 0n }));
    }
    expect(ids).toEqual({ ids: expected, logits: [...engine.logits()] });
  });

  test.each([
    [[], 'given 0 tokens'],
    [[1, 384], 'no token 384 in 384'],
    [[-1], 'no token -1'],
    [Array.from({ length: 129 }, () => 300), 'context of 128'],
  ])('are not computed of ids out of range', (ids, text) => {
    const { engine } = loadModel(randomModel({ ...small, layers: 1 }));
    expect(() => engine.advance(ids)).toThrow(text);
  });

  test('that are not finite are an error, not an answer', () => {
    const { engine } = loadModel(spoil(randomModel(small)));
    while (engine.advance([1, 300]) > 0);
    expect(() => engine.sample({ ...GREEDY, random: 0n })).toThrow(
      expect.objectContaining({ code: 'MODEL_NOT_FINITE' }),
    );
  });
});

/** Gives the output norm, the file's last tensor, a weight that is not a number. */
function spoil(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  new DataView(copy.buffer).setFloat32(copy.length - small.width * 4, Number.NaN, true);
  return copy;
}

/** Runs the compiled module on a thread of its own, from the same memory image, without our TypeScript. */
async function generateOnThread(bytes: Uint8Array): Promise<unknown> {
  const { config, layout } = planFor(bytes);
  const memory = new Uint8Array(layout.size);
  layout.write(memory);
  const source = `
    const { parentPort, workerData: w } = require('node:worker_threads');
    const pages = w.image.length / 65536;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    new Uint8Array(memory.buffer).set(w.image);
    const { exports: engine } = new WebAssembly.Instance(new WebAssembly.Module(w.wasm), { env: { memory } });
    const view = new DataView(memory.buffer);
    const ids = [...w.prompt];
    let done = 0;
    engine.prepare();
    for (let i = 0; i < 20; i++) {
      for (; done < ids.length; done++) {
        view.setUint32(w.tokenIds, ids[done], true);
        engine.evaluate(1, done);
      }
      ids.push(engine.sample());
    }
    parentPort.postMessage({ ids, logits: [...new Float32Array(memory.buffer, w.logits, w.vocabulary)] });
  `;
  const workerData = {
    image: memory,
    wasm: readFileSync(engineWasmUrl()),
    prompt: PEER_PROMPT,
    tokenIds: layout.tokenIds,
    logits: layout.logits,
    vocabulary: config.vocabulary,
  };
  const thread = new Worker(source, { eval: true, workerData });
  return new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
}

function planFor(bytes: Uint8Array) {
  const { exports } = instantiateEngine(compileEngine(), 65536);
  const address = (exports as Record<string, () => number>).modelAddress!();
  const gguf = readGguf(bytes);
  const config = readConfig(gguf);
  return { config, layout: planLayout(gguf, config, address) };
}
