/**
 * Turns an engine module into the machine's code: one flat list of 32-byte instructions, function
 * after function, that a Merkle root commits to. The engine that answers, run by V8, and this code
 * come from the same bytes.
 */
import { OpmlError } from '../errors.js';
import {
  type Code,
  encodeInstruction,
  type Instruction,
  immediate,
  type LoweredFunction,
} from './code.js';
import { type LoweredBody, lowerFunction } from './lower-function.js';
import { RegionTree } from './merkle.js';
import { OPCODES } from './opcodes.js';
import { INSTRUCTION_BYTES, SLOTS } from './state.js';
import { refuse } from './wasm-instruction.js';
import { readModule } from './wasm-module.js';

/**
 * Lowers a module.
 *
 * @param entry name of the exported function that runs one operator
 * @throws {MODULE_INVALID, MODULE_UNSUPPORTED, MODULE_NO_ENTRY}
 */
export function lowerModule(wasm: Uint8Array, entry = 'step'): Code {
  const module = readModule(wasm);
  const entryIndex = module.exports.get(entry);
  const entryType = entryIndex === undefined ? undefined : module.functions[entryIndex]?.type;
  if (entryIndex === undefined || entryType?.params !== 0 || entryType.results !== 0) {
    throw new OpmlError('MODULE_NO_ENTRY', `The module exports no function ${entry}().`, { entry });
  }
  const bodies = module.functions.map((fn) => lowerFunction(module, fn));
  const functions: LoweredFunction[] = [];
  let start = 0;
  for (const [index, { code, slots }] of bodies.entries()) {
    const { name, locals } = module.functions[index] as (typeof module.functions)[number];
    if (slots > SLOTS) refuse(`room for ${slots} slots`, { function: name, slots });
    functions.push({ name, start, end: start + code.length, locals, slots });
    start += code.length;
  }
  link(bodies, functions);
  const list = bodies.flatMap((body) => body.code);
  const instructions = new Uint8Array(list.length * INSTRUCTION_BYTES);
  for (const [pc, each] of list.entries()) {
    encodeInstruction(each, instructions, pc * INSTRUCTION_BYTES);
  }
  let tree: RegionTree | undefined;
  const codeTree = (): RegionTree => {
    tree ??= new RegionTree(instructions, INSTRUCTION_BYTES);
    return tree;
  };
  return {
    instructions,
    count: start,
    entryPc: (functions[entryIndex] as LoweredFunction).start,
    functions,
    data: module.data,
    get tree() {
      return codeTree();
    },
    codeRoot: () => codeTree().root,
    instruction: (pc) => list[pc] as Instruction,
    functionAt: (pc) => functions.find((fn) => pc >= fn.start && pc < fn.end),
  };
}

/** Puts the functions behind each other: jumps and calls get their final targets. */
function link(bodies: readonly LoweredBody[], functions: readonly LoweredFunction[]): void {
  for (const [index, body] of bodies.entries()) {
    const { start } = functions[index] as LoweredFunction;
    for (const { imm } of body.code.filter(isJump)) setWord(imm, 0, immediate(imm, 0) + start);
    for (const { instruction, callee } of body.calls) {
      const { start: target, slots } = functions[callee] as LoweredFunction;
      setWord(instruction.imm, 0, target);
      setWord(instruction.imm, 2, slots);
    }
  }
}

function setWord(imm: Uint8Array, index: number, value: number): void {
  new DataView(imm.buffer, imm.byteOffset).setUint32(4 * index, value, true);
}

function isJump({ op }: Instruction): boolean {
  return OPCODES.get(op)?.shape.startsWith('jump') ?? false;
}
