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
  startState,
  stateHash,
} from '../../opml/machine/state.js';
import { DIALECTS, luaBytes, luaProgram, toHex } from './arbiter-machine-lua.js';

const sha256 = (...parts: Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** Bytes that look random, the same on every run. */
function noise(seed: number, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    sha256(Buffer.from(`${seed} ${i}`)),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

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

const luaInteger = (value: bigint | number) => `(${BigInt.asIntN(64, BigInt(value))})`;

function luaJob(job: (typeof JOBS)[number]): string {
  const { prompt, maxTokens, temperature = 0, topP = 1, seed = 0, stops = [], trim = false } = job;
  const texts = stops.map((stop) => luaBytes(Buffer.from(stop))).join(',');
  return `{prompt=${luaBytes(Buffer.from(prompt))}, maxTokens=${maxTokens}, trim=${trim},
    temperature=${temperature}, topP=${topP}, seed=${luaInteger(seed)}, stops={${texts}}}`.replaceAll(
    '\n',
    '',
  );
}

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
    text: noise(5, 32_512),
    random: 1n,
    pending: noise(6, 4),
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

function luaAnswer({ numbers, text, random, pending, ids }: Answer): string {
  const [status, stopReason, stopIndex, promptTokens, tokens] = numbers;
  return `{status=${status}, stopReason=${stopReason}, stopIndex=${stopIndex}, tokens=${tokens}, ${''}promptTokens=${promptTokens}, text=${luaBytes(text)}, random=${luaInteger(random)}, ${''}pending=${luaBytes(pending)}, ids={${ids.join(',')}}}`;
}

describe.each(DIALECTS)('on $name', ({ ask }) => {
  const test = it.skipIf(ask === undefined);
  const answers = (expressions: readonly string[]) => ask?.(expressions);

  test('SHA-256 of every length from 0 to 300', () => {
    const inputs = Array.from({ length: 301 }, (_, length) => noise(length, length));
    expect(
      answers(inputs.map((input) => `hex(require'arbiter.sha256'(${luaBytes(input)}))`)),
    ).toEqual(inputs.map((input) => toHex(sha256(input))));
  });

  test('hexadecimal digits, and what is none', () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const digits = toHex(all);
    const decode = (argument: string) => `require'arbiter.hex'.decode(${argument})`;
    expect(
      answers([
        `require'arbiter.hex'.encode(${luaBytes(all)})`,
        `hex(${decode(`'${digits}'`)})`,
        ...["'0'", "'0G'", "'AB'", "'00 0'", 'nil', '{}', '12', "'00', 2"].map(decode),
      ]),
    ).toEqual([digits, digits, ...Array.from({ length: 8 }, () => 'nil')]);
  });

  test('roots of lists of 0 to 17 hashes, and the proof of every item', () => {
    const lists = Array.from({ length: 18 }, (_, count) => hashes(count));
    const expressions = lists.flatMap((list) => {
      const root = listRoot(list);
      const items = list.map((item) => luaBytes(item)).join(',');
      const verify = (count: number, index: number, item: Uint8Array, proof: Uint8Array) =>
        `require'arbiter.merkle'.isListItem(${luaBytes(root)}, ${count}, ${index}, ${luaBytes(item)}, ${luaBytes(proof)})`;
      return [
        `hex(require'arbiter.merkle'.listRoot{${items}}) == '${toHex(root)}'`,
        ...list.map((item, i) => verify(list.length, i, item, listProof(list, i))),
        ...list.flatMap((item, i) => [
          `not ${verify(list.length, i + 1, item, listProof(list, i))}`,
          `not ${verify(list.length, i, ZERO_HASH, listProof(list, i))}`,
          `not ${verify(list.length, i, item, Buffer.concat([listProof(list, i), ZERO_HASH]))}`,
          `not ${verify(list.length, i - 32, item, listProof(list, i))}`,
        ]),
      ];
    });
    expect(new Set(answers(expressions) ?? ['true'])).toEqual(new Set(['true']));
  });

  test('a padding item is not an item', () => {
    const list = hashes(3);
    const proof = Buffer.concat([list[2] ?? ZERO_HASH, sha256(Buffer.of(1), ...list.slice(0, 2))]);
    expect(
      answers([
        `require'arbiter.merkle'.isListItem(${luaBytes(listRoot(list))}, 3, 3, ('\\0'):rep(32), ${luaBytes(proof)})`,
      ]) ?? ['false'],
    ).toEqual(['false']);
  });

  test('roots of regions of every size, sparse or full', () => {
    const cases = [0, 1, 2, 3, 5, 128, 300].map((leaves) => {
      const region = Buffer.alloc(256 * leaves);
      const from = 256 * Math.floor(leaves / 2);
      region.set(noise(leaves, 256 * leaves - from - (leaves > 0 ? 7 : 0)), from);
      const piece = `{${from}, ${luaBytes(region.subarray(from))}}`;
      return {
        region,
        expression: `hex(require'arbiter.merkle'.regionRoot(${region.length}, {${piece}}))`,
      };
    });
    expect(answers(cases.map(({ expression }) => expression))).toEqual(
      cases.map(({ region }) => toHex(new RegionTree(region).root)),
    );
  });

  test('the input region of jobs', () => {
    expect(
      answers(JOBS.map((job) => `hex(require'arbiter.regions'.inputRoot(${luaJob(job)}))`)),
    ).toEqual(JOBS.map((job) => toHex(new RegionTree(encodeInput(job)).root)));
  });

  test('jobs that do not fit the input region', () => {
    const bad = [
      '{}',
      "{prompt='', maxTokens=-1}",
      "{prompt='', maxTokens=1.5}",
      "{prompt='', maxTokens='1'}",
      "{prompt=('x'):rep(61441), maxTokens=1}",
      "{prompt='', maxTokens=1, seed=0.5}",
      "{prompt='', maxTokens=1, temperature='hot'}",
      "{prompt='', maxTokens=1, temperature=0/0}",
      "{prompt='', maxTokens=1, temperature=1e39}",
      "{prompt='', maxTokens=1, topP=0}",
      "{prompt='', maxTokens=1, topP=1.01}",
      "{prompt='', maxTokens=1, stops=7}",
      "{prompt='', maxTokens=1, stops={''}}",
      "{prompt='', maxTokens=1, stops={'1','2','3','4','5','6','7','8','9'}}",
      "{prompt='', maxTokens=1, stops={('x'):rep(4031)}}",
    ];
    const replies = answers(bad.map((job) => `require'arbiter.regions'.inputRoot(${job})`));
    for (const reply of replies ?? []) expect(reply).toMatch(/^nil .+/);
  });

  test('the answer region of answers', () => {
    const bounds = `{answer=${PROGRAM.bounds.answer}, vocabulary=${PROGRAM.bounds.vocabulary}}`;
    expect(
      answers(
        ANSWERS.map(
          (answer) => `hex(require'arbiter.regions'.answerRoot(${luaAnswer(answer)}, ${bounds}))`,
        ),
      ),
    ).toEqual(ANSWERS.map((answer) => toHex(new RegionTree(answerRegion(answer)).root)));
  });

  test('answers that do not fit the answer region', () => {
    const bounds = `{answer=${PROGRAM.bounds.answer}, vocabulary=${PROGRAM.bounds.vocabulary}}`;
    const good: Record<string, string> = {
      status: '2',
      stopReason: '1',
      stopIndex: '0',
      promptTokens: '1',
      tokens: '1',
      text: "''",
      random: '0',
      pending: "''",
      ids: '{}',
    };
    const bad = [
      { status: 'nil' },
      { tokens: '1.0' },
      { promptTokens: "'1'" },
      { stopIndex: '-1' },
      { text: "('x'):rep(32513)" },
      { text: '7' },
      { random: '0.5' },
      { pending: "'12345'" },
      { pending: 'nil' },
      { ids: 'nil' },
      { ids: '{-1}' },
      { ids: "{'a'}" },
      { ids: '{1.5}' },
      { ids: `(function() local ids = {} for i = 1, 577 do ids[i] = i end return ids end)()` },
    ];
    const replies = answers(
      bad.map((change) => {
        const fields = Object.entries({ ...good, ...change }).map(
          ([key, value]) => `${key}=${value}`,
        );
        return `require'arbiter.regions'.answerRoot({${fields.join(', ')}}, ${bounds})`;
      }),
    );
    for (const reply of replies ?? []) expect(reply).toMatch(/^nil .+/);
  });

  test('roots of programs, regions of zeros, and what a claim commits to', () => {
    const [input, trace] = hashes(2) as [Buffer, Buffer];
    const { bounds } = PROGRAM;
    const count = Buffer.from([9, 1, 0, 0]);
    const program = programRoot(PROGRAM);
    expect(
      answers([
        `hex(${luaProgram(PROGRAM)}.root)`,
        `hex(require'arbiter.regions'.freshAnswerRoot(${luaProgram(PROGRAM)}.bounds))`,
        `hex(require'arbiter.regions'.zeroWorkRoot(${luaProgram(PROGRAM)}.bounds))`,
        `hex(require'arbiter.state'.claimRoot(${luaBytes(program)}, ${luaBytes(input)}, ${luaBytes(trace)}, 265))`,
      ]),
    ).toEqual(
      [
        program,
        emptyRegionRoot(bounds.vocabulary - bounds.answer),
        emptyRegionRoot(bounds.end - bounds.work),
        sha256(Buffer.of(8), program, input, trace, count),
      ].map(toHex),
    );
  });

  test('states: frames, memory, where an operator starts and ends', () => {
    const [input, answer, work, frames] = hashes(4) as [Buffer, Buffer, Buffer, Buffer];
    const memory = memoryHash(answer, work);
    const program = programRoot(PROGRAM);
    const state = "require'arbiter.state'";
    const hash = (header: ReturnType<typeof startState>) =>
      toHex(stateHash(program, input, header));
    const given = `${luaProgram(PROGRAM)}, ${luaBytes(input)}, ${luaBytes(memory)}`;
    expect(
      answers([
        `hex(${state}.ZERO_SLOTS)`,
        `hex(${state}.memoryHash(${luaBytes(answer)}, ${luaBytes(work)}))`,
        `hex(${state}.pushFrame(${luaBytes(frames)}, 70000, 4095))`,
        `hex(${state}.start(${given}))`,
        `hex(${state}.halted(${given}, ${2 ** 40}))`,
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
    const changes = [
      "codeRoot='00'",
      'weightsRoot=nil',
      'codeLength=-1',
      'entryPc=1.5',
      'bounds=nil',
      'bounds.end_=1',
      'bounds.work=1',
      'bounds.vocabulary=0x10000-256',
      'bounds.answer=0x20000',
      "bounds['end']=1<<33",
    ];
    const replies = answers(
      changes.map(
        (change) =>
          `require'arbiter.program'.read((function() local p = ${luaProgram(PROGRAM, true)} p.${change} return p end)())`,
      ),
    );
    for (const [i, reply] of (replies ?? []).entries()) {
      expect(reply, changes[i]).toMatch(changes[i] === 'bounds.end_=1' ? /^table/ : /^nil .+/);
    }
  });
});
