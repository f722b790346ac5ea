/**
 * A program like the engine's, only tiny: every answer is a few letters, mixed from the prompt and a
 * table of weights in three operators a token and drawn by a fourth. So small that a whole dispute
 * about it, down to the last instruction, takes a test milliseconds; its module goes through the same
 * lowering, machine and arbiter as the real one's.
 */
import asc from 'assemblyscript/asc';
import { type AnswerInput, decodeAnswer, encodeInput } from '../../../llama/answer.js';
import type { Program } from '../../../llama/program.js';
import { STATUS } from '../../../llama/regions.js';

const BOUNDS = {
  answer: 0x10000,
  vocabulary: 0x20000,
  weights: 0x20000,
  work: 0x20100,
  end: 0x30000,
} as const;
const ANSWER_BYTES = BOUNDS.vocabulary - BOUNDS.answer;

/** AssemblyScript. The answer region's header is that of llama/regions.ts. */
const SOURCE = `
const ANSWER: usize = 0x10000, WEIGHTS: usize = 0x20000, WORK: usize = 0x20100;
const MIXERS: u32 = 3;

function mix(node: u32): void {
  let sum = load<u32>(WEIGHTS + 4 * node) + load<u32>(ANSWER + 16);
  const size = load<u32>(0);
  for (let i: u32 = 0; i < size; i++) sum = sum * 31 + load<u8>(0x1000 + i);
  store<u32>(WORK + 16 + 4 * node, sum);
}

function draw(): void {
  let sum: u32 = 0;
  for (let node: u32 = 0; node < MIXERS; node++) sum ^= load<u32>(WORK + 16 + 4 * node) >> (5 + node);
  const letter = 97 + sum % 26;
  const tokens = load<u32>(ANSWER + 16);
  const size = load<u32>(ANSWER + 20);
  store<u8>(ANSWER + 0x100 + size, letter);
  store<u32>(ANSWER + 0x8000 + 4 * tokens, letter);
  store<u32>(ANSWER + 16, tokens + 1);
  store<u32>(ANSWER + 20, size + 1);
  if (tokens + 1 >= load<u32>(4)) {
    store<u32>(ANSWER, 2);
    store<u32>(ANSWER + 4, 1);
  }
}

export function step(): void {
  const status = load<u32>(ANSWER);
  if (status == 2) return;
  if (status == 0) { // as an engine that splits its prompt first
    store<u32>(ANSWER, 1);
    return;
  }
  const node = load<u32>(WORK);
  if (node < MIXERS) mix(node); else draw();
  store<u32>(WORK, (node + 1) % (MIXERS + 1));
}
`;

const FLAGS = [
  '--runtime=stub',
  '--importMemory',
  '--noAssert',
  '-O3',
  ...['bulk-memory', 'nontrapping-f2i', 'sign-extension', 'mutable-globals'].flatMap((feature) => [
    '--disable',
    feature,
  ]),
];

/** Compiles the toy's module: once for a test file. */
export async function compileToy(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(['toy.ts', ...FLAGS, '--outFile', 'toy.wasm'], {
    readFile: (name) => (name === 'toy.ts' ? SOURCE : null),
    writeFile: (name, contents) => {
      if (name === 'toy.wasm') wasm = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  return wasm as Uint8Array;
}

/** @param weights three numbers: another model of the same code */
export function openToy(wasm: Uint8Array, weights: readonly number[] = [11, 22, 33]): Program {
  const memory = new WebAssembly.Memory({ initial: 3, maximum: 3 });
  const bytes = new Uint8Array(memory.buffer);
  const view = new DataView(memory.buffer);
  for (const [index, weight] of weights.entries()) {
    view.setUint32(BOUNDS.weights + 4 * index, weight, true);
  }
  const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
  const { step } = new WebAssembly.Instance(module, { env: { memory } }).exports as {
    step(): void;
  };
  const answer = bytes.subarray(BOUNDS.answer, BOUNDS.vocabulary);
  const status = () => view.getUint32(BOUNDS.answer, true);
  const tokens = () => view.getUint32(BOUNDS.answer + 16, true);
  const restart = (region: Uint8Array) => {
    answer.set(region);
    bytes.fill(0, BOUNDS.work);
  };
  const run = () => {
    const before = tokens();
    while (status() !== STATUS.done && tokens() === before) step();
    return status() !== STATUS.done;
  };
  return {
    wasm,
    bounds: BOUNDS,
    memory: bytes,
    logits: BOUNDS.work,
    begin(input: AnswerInput) {
      bytes.set(encodeInput(input), 0);
      restart(new Uint8Array(ANSWER_BYTES));
    },
    resume(inputRegion, answerRegion) {
      bytes.set(inputRegion, 0);
      answer.set(answerRegion);
    },
    restart,
    step,
    run,
    advance: () => {
      step();
      return 1;
    },
    readAnswer: () => decodeAnswer(answer),
  };
}
