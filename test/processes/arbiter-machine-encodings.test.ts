/** What the arbiter hashes: SHA-256, trees, regions and states, against TypeScript's own. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { encodeInput } from '../../llama/answer.js';
import { listProof, listRoot, RegionTree, ZERO_HASH } from '../../opml/machine/merkle.js';
import {
  emptyRegionRoot,
  emptySlotsRoot,
  haltedState,
  memoryHash,
  type ProgramConstants,
  programRoot,
  pushFrame,
  type StateHeader,
  startState,
  stateHash,
} from '../../opml/machine/state.js';
import { DIALECTS, describeProgram, type LuaValue, luaCall, toHex } from './arbiter-machine-lua.js';
import { noise } from './arbiter-machine-operands.js';

const sha256 = (...parts: Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

const hashes = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, i) => sha256(Buffer.from(`${i}`)));

const PROGRAM: ProgramConstants = {
  codeRoot: sha256(Buffer.from('code')),
  codeLength: 12_345,
  entryPc: 678,
  vocabularyRoot: sha256(Buffer.from('vocabulary')),
  weightsRoot: sha256(Buffer.from('weights')),
  bounds: { answer: 0x10000, vocabulary: 0x18900, weights: 0x20000, work: 0x30100, end: 0x50000 },
};

const JOBS = [
  { prompt: '', maxTokens: 1 },
  { prompt: 'Tell me a joke', maxTokens: 16, stops: ['User:', '\n\n'], trim: true },
  { prompt: 'ä'.repeat(30_720), maxTokens: 2 ** 32 - 1, temperature: 0.7, topP: 0.9 },
  { prompt: 'x'.repeat(256), maxTokens: 0, seed: 2n ** 63n + 5n, stops: ['y'.repeat(4030)] },
];

const ZERO = { temperature: 0, topP: 1, seed: 0n, stops: [], trim: false };

interface Answer {
  numbers: [status: number, stopReason: number, stopIndex: number, prompt: number, tokens: number];
  text: Buffer;
  random: bigint;
  pending: Buffer;
  ids: number[];
}

const ANSWERS: Answer[] = [
  { numbers: [0, 0, 0, 0, 0], text: Buffer.of(), random: 0n, pending: Buffer.of(), ids: [] },
  {
    numbers: [1, 0, 0, 3, 2],
    text: Buffer.from('Why?'),
    random: 0x9e3779b97f4a7c15n,
    pending: Buffer.of(0xf0, 0x9f, 0x92),
    ids: [1, 2, 3, 4, 2 ** 32 - 1],
  },
  {
    numbers: [2, 3, 2, 100, 400],
    text: noise('text', 32_512),
    random: 1n,
    pending: noise('pending', 4),
    ids: Array.from({ length: 500 }, (_, i) => i * 7919),
  },
];

/** The region as the contract lays it out, byte by byte. */
function answerRegion({ numbers, text, random, pending, ids }: Answer): Uint8Array {
  const region = Buffer.alloc(PROGRAM.bounds.vocabulary - PROGRAM.bounds.answer);
  for (const [i, value] of [...numbers, text.length].entries()) region.writeUInt32LE(value, 4 * i);
  region.writeBigUInt64LE(random, 24);
  region.writeUInt32LE(pending.length, 32);
  region.set(pending, 36);
  region.set(text, 256);
  for (const [i, id] of ids.entries()) region.writeUInt32LE(id, 0x8000 + 4 * i);
  return region;
}

function namedAnswer({ numbers, ...rest }: Answer) {
  const [status, stopReason, stopIndex, promptTokens, tokens] = numbers;
  return { status, stopReason, stopIndex, promptTokens, tokens, ...rest };
}

const hexOf = (expression: string) => `hex(${expression})`;

describe.each(DIALECTS)('on $name', ({ ask }) => {
  const test = it.skipIf(ask === undefined);
  const answers = (expressions: readonly string[]) => ask?.(expressions) ?? [];

  test('SHA-256 of every length from 0 to 300', () => {
    const inputs = Array.from({ length: 301 }, (_, length) => noise(`${length}`, length));
    expect(answers(inputs.map((input) => hexOf(luaCall('sha256', input))))).toEqual(
      inputs.map((input) => toHex(sha256(input))),
    );
  });

  test('hexadecimal digits, and what is none', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const digits = toHex(all);
    const none = ['0', '0G', 'AB', '00 0', 12, {}, false];
    expect(
      answers([
        luaCall('hex.encode', all),
        hexOf(luaCall('hex.decode', digits)),
        ...none.map((value) => luaCall('hex.decode', value)),
        luaCall('hex.decode', '00', 2),
      ]),
    ).toEqual([digits, digits, ...none.map(() => 'nil'), 'nil']);
  });

  test('roots of lists of 0 to 17 hashes, and the proof of every item', () => {
    const lists = Array.from({ length: 18 }, (_, count) => hashes(count));
    const statements = lists.flatMap((list) => {
      const root = listRoot(list);
      const has = (index: number, item: Uint8Array, proof: Uint8Array) =>
        luaCall('merkle.isListItem', root, list.length, index, item, proof);
      return [
        `${hexOf(luaCall('merkle.listRoot', list))} == '${toHex(root)}'`,
        ...list.flatMap((item, i) => {
          const proof = listProof(list, i);
          return [
            has(i, item, proof),
            `not ${has(i + 1, item, proof)}`,
            `not ${has(i - 32, item, proof)}`,
            `not ${has(i, ZERO_HASH, proof)}`,
            `not ${has(i, item, Buffer.concat([proof, ZERO_HASH]))}`,
          ];
        }),
      ];
    });
    expect(answers(statements)).toEqual(statements.map(() => 'true'));
  });

  test('a padding item is not an item', () => {
    const list = hashes(3);
    const proof = Buffer.concat([list[2] ?? ZERO_HASH, sha256(Buffer.of(1), ...list.slice(0, 2))]);
    expect(answers([luaCall('merkle.isListItem', listRoot(list), 3, 3, ZERO_HASH, proof)])).toEqual(
      ['false'],
    );
  });

  test('roots of regions of every size, sparse or full', () => {
    const regions = [0, 1, 2, 3, 5, 128, 300].map((leaves) => {
      const region = Buffer.alloc(256 * leaves);
      const from = 256 * Math.floor(leaves / 2);
      region.set(noise(`${leaves}`, Math.max(0, region.length - from - 7)), from);
      return { region, from };
    });
    expect(
      answers(
        regions.map(({ region, from }) =>
          hexOf(luaCall('merkle.regionRoot', region.length, [[from, region.subarray(from)]])),
        ),
      ),
    ).toEqual(regions.map(({ region }) => toHex(new RegionTree(region).root)));
  });

  test('the input region of jobs', () => {
    const named = JOBS.map((job) => ({ ...ZERO, ...job }));
    expect(answers(named.map((job) => hexOf(luaCall('regions.inputRoot', job))))).toEqual(
      JOBS.map((job) => toHex(new RegionTree(encodeInput(job)).root)),
    );
  });

  test('a job that says no more than it has to', () => {
    const job = { prompt: 'x', maxTokens: 3 };
    expect(answers([hexOf(luaCall('regions.inputRoot', job))])).toEqual([
      toHex(new RegionTree(encodeInput(job)).root),
    ]);
  });

  test('jobs that do not fit the input region', () => {
    const changes: Record<string, LuaValue | undefined>[] = [
      { prompt: undefined },
      { prompt: 'x'.repeat(61_441) },
      ...[undefined, -1, 1.5, '1', 2 ** 32].map((maxTokens) => ({ maxTokens })),
      { seed: 0.5 },
      ...['hot', -1, 1e39].map((temperature) => ({ temperature })),
      ...[0, 1.01, -1, '1'].map((topP) => ({ topP })),
      ...[7, [''], [1], Array(9).fill('x'), ['x'.repeat(4031)]].map((stops) => ({ stops })),
    ];
    const jobs = changes.map((change) => ({ ...ZERO, prompt: '', maxTokens: 1, ...change }));
    const replies = answers(jobs.map((job) => luaCall('regions.inputRoot', job)));
    expect(replies.filter((reply) => !/^nil .+/.test(reply))).toEqual([]);
  });

  test('the answer region of answers', () => {
    expect(
      answers(
        ANSWERS.map((answer) =>
          hexOf(luaCall('regions.answerRoot', namedAnswer(answer), { ...PROGRAM.bounds })),
        ),
      ),
    ).toEqual(ANSWERS.map((answer) => toHex(new RegionTree(answerRegion(answer)).root)));
  });

  test('answers that do not fit the answer region', () => {
    const changes: Record<string, LuaValue | undefined>[] = [
      ...[undefined, '1', -1, 0.5, 2 ** 32].flatMap((value) => [
        { status: value },
        { tokens: value },
        { promptTokens: value },
        { ids: value === undefined ? value : [value] },
      ]),
      ...['x'.repeat(32_513), 7].map((text) => ({ text })),
      ...[0.5, undefined].map((random) => ({ random })),
      ...['12345', 1, undefined].map((pending) => ({ pending })),
      { ids: Array(577).fill(1) },
    ];
    const [good] = ANSWERS.map(namedAnswer);
    const replies = answers(
      changes.map((change) =>
        luaCall('regions.answerRoot', { ...good, ...change }, { ...PROGRAM.bounds }),
      ),
    );
    expect(replies.filter((reply) => !/^nil .+/.test(reply))).toEqual([]);
  });

  test('roots of programs, regions of zeros, and what a claim commits to', () => {
    const [input, trace] = hashes(2) as [Buffer, Buffer];
    const { bounds } = PROGRAM;
    const program = programRoot(PROGRAM);
    expect(
      answers([
        `hex(${luaCall('program.read', describeProgram(PROGRAM))}.root)`,
        hexOf(luaCall('regions.freshAnswerRoot', { ...bounds })),
        hexOf(luaCall('regions.zeroWorkRoot', { ...bounds })),
        hexOf(luaCall('state.claimRoot', program, input, trace, 265)),
      ]),
    ).toEqual(
      [
        program,
        emptyRegionRoot(bounds.vocabulary - bounds.answer),
        emptyRegionRoot(bounds.end - bounds.work),
        sha256(Buffer.of(8), program, input, trace, Buffer.of(9, 1, 0, 0)),
      ].map(toHex),
    );
  });

  test('states: frames, memory, where an operator starts and ends', () => {
    const [input, answer, work, frames] = hashes(4) as [Buffer, Buffer, Buffer, Buffer];
    const memory = memoryHash(answer, work);
    const root = programRoot(PROGRAM);
    const hash = (header: StateHeader) => toHex(stateHash(root, input, header));
    const program = { root, entryPc: PROGRAM.entryPc };
    expect(
      answers([
        `hex(require'arbiter.state'.ZERO_SLOTS)`,
        hexOf(luaCall('state.memoryHash', answer, work)),
        hexOf(luaCall('state.pushFrame', frames, 70_000, 4095)),
        hexOf(luaCall('state.start', program, input, memory)),
        hexOf(luaCall('state.halted', program, input, memory, 2n ** 40n)),
      ]),
    ).toEqual([
      toHex(emptySlotsRoot()),
      toHex(memory),
      toHex(pushFrame(frames, 70_000, 4095)),
      hash(startState(answer, work, PROGRAM.entryPc)),
      hash(haltedState(answer, work, 2 ** 40)),
    ]);
  });

  test('programs that cannot be', () => {
    const good = describeProgram(PROGRAM);
    const { bounds } = good;
    const bad: { readonly [key: string]: LuaValue | undefined }[] = [
      ...['00', `${good.codeRoot}00`, good.codeRoot.replace(/./, 'G'), 7, undefined].flatMap(
        (root) => [{ codeRoot: root }, { weightsRoot: root }, { vocabularyRoot: root }],
      ),
      ...[-1, 1.5, '1', undefined, 2 ** 31].flatMap((value) => [
        { codeLength: value },
        { entryPc: value },
      ]),
      { codeLength: 678 }, // not more than the entry
      ...[
        { work: bounds.work + 1 },
        { vocabulary: bounds.answer - 256 },
        { answer: bounds.vocabulary + 256 },
        { end: 2 ** 33 },
        { end: undefined },
      ].map((change) => ({ bounds: { ...bounds, ...change } })),
      { bounds: undefined },
      { bounds: 'none' },
    ];
    const programs = bad.map((change) => ({ ...good, ...change }));
    const replies = answers(programs.map((program) => luaCall('program.read', program)));
    expect(replies.filter((reply) => !/^nil .+/.test(reply))).toEqual([]);
  });
});
