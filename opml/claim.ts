/**
 * What a worker puts its bond on: which program ran on which input, the root over the answer after
 * every token, and the answer in words. Everybody who has the model computes the same claim; whoever
 * computes another one can deny it.
 */
import { encodeInput } from '../llama/answer.js';
import type { AnswerInput, Program } from '../llama/program.js';
import type { Bounds } from '../llama/regions.js';
import { type AnswerFacts, readFacts } from './facts.js';
import { fromHex, toHex } from './hex.js';
import { lowerModule } from './machine/lower.js';
import { type Hash, hashParts, joinedListRoot, RegionTree } from './machine/merkle.js';
import {
  modelRoot,
  moduleRoot,
  type ProgramConstants,
  programRoot,
  regionRange,
} from './machine/state.js';

/** Data of a Claim message. */
export interface ClaimData extends AnswerFacts {
  /** Token leaves 0 to n, joined, in hex. */
  readonly leaves: string;
}

/** Hashes are lower-case hex. */
export interface Claim {
  readonly programRoot: string;
  readonly inputRoot: string;
  readonly traceRoot: string;
  /** The State-Root of the Claim message: commits to all of the above and to `n`. */
  readonly claimRoot: string;
  /** Token transitions: one less than there are leaves. */
  readonly n: number;
  readonly data: ClaimData;
}

/** A program's constants as Register-Model sends them, hashes in lower-case hex. */
export interface ProgramRoots {
  readonly codeRoot: string;
  readonly codeLength: number;
  readonly entryPc: number;
  readonly vocabularyRoot: string;
  readonly weightsRoot: string;
  readonly bounds: Bounds;
  readonly moduleRoot: string;
  readonly modelRoot: string;
  readonly programRoot: string;
}

/**
 * The constants of a program: what an arbiter keeps of it. Hashes all weights (about 2 microseconds
 * for each 256 bytes), so do it once.
 *
 * @throws {MODULE_*} when the module has a part that the disputed machine lacks
 */
export function readConstants({ wasm, bounds, memory }: Program): ProgramConstants {
  const code = lowerModule(wasm);
  const rootOf = (region: 'vocabulary' | 'weights') => {
    const { from, to } = regionRange(bounds, region);
    return new RegionTree(memory.subarray(from, to)).root;
  };
  return {
    codeRoot: code.codeRoot(),
    codeLength: code.count,
    entryPc: code.entryPc,
    vocabularyRoot: rootOf('vocabulary'),
    weightsRoot: rootOf('weights'),
    bounds,
  };
}

export function describeConstants(constants: ProgramConstants): ProgramRoots {
  const { codeRoot, codeLength, entryPc, vocabularyRoot, weightsRoot, bounds } = constants;
  return {
    codeRoot: toHex(codeRoot),
    codeLength,
    entryPc,
    vocabularyRoot: toHex(vocabularyRoot),
    weightsRoot: toHex(weightsRoot),
    bounds,
    moduleRoot: toHex(moduleRoot(constants)),
    modelRoot: toHex(modelRoot(constants)),
    programRoot: toHex(programRoot(constants)),
  };
}

/** Root of the input region that holds this question. @throws {LlamaError} SESSION_* */
export function inputRoot(input: AnswerInput): Hash {
  return new RegionTree(encodeInput(input)).root;
}

export function claimRoot(program: Hash, input: Hash, trace: Hash, n: number): Hash {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(n);
  return hashParts(0x08, program, input, trace, count);
}

/**
 * @param leaves token leaves; roots and leaves in lower-case hex
 * @param answer the region of the finished answer
 */
export function makeClaim(
  program: string,
  input: string,
  leaves: readonly string[],
  answer: Uint8Array,
): Claim {
  const joined = leaves.join('');
  const trace = joinedListRoot(fromHex(joined));
  const n = leaves.length - 1;
  return {
    programRoot: program,
    inputRoot: input,
    traceRoot: toHex(trace),
    claimRoot: toHex(claimRoot(fromHex(program), fromHex(input), trace, n)),
    n,
    data: { ...readFacts(answer), leaves: joined },
  };
}
