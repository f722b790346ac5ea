/**
 * Turns an engine module into the machine's code: one flat list of 32-byte instructions, function
 * after function, that a Merkle root commits to. The engine that answers, run by V8, and this code
 * come from the same bytes.
 */
import { OpmlError } from '../errors.js';
import {
  type Code,
  decodeInstruction,
  encodeInstruction,
  type Instruction,
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
  const instructions = link(bodies, functions);
  const tree = new RegionTree(instructions, INSTRUCTION_BYTES);
  return {
    instructions,
    count: start,
    entryPc: (functions[entryIndex] as LoweredFunction).start,
    functions,
    data: module.data,
    tree,
    codeRoot: () => tree.root,
    instruction: (pc) =>
      decodeInstruction(
        instructions.subarray(pc * INSTRUCTION_BYTES, (pc + 1) * INSTRUCTION_BYTES),
      ),
    functionAt: (pc) => functions.find((fn) => pc >= fn.start && pc < fn.end),
  };
}

/** Puts the functions behind each other: jumps and calls get their final targets. */
function link(bodies: readonly LoweredBody[], functions: readonly LoweredFunction[]): Uint8Array {
  const code: Instruction[] = [];
  for (const [index, body] of bodies.entries()) {
    const { start } = functions[index] as LoweredFunction;
    for (const instruction of body.code) {
      code.push(isJump(instruction) ? moveTarget(instruction, start) : instruction);
    }
    for (const { instruction, callee } of body.calls) {
      const { start: target, slots } = functions[callee] as LoweredFunction;
      const view = new DataView(instruction.imm.buffer);
      view.setUint32(0, target, true);
      view.setUint32(8, slots, true);
    }
  }
  const bytes = new Uint8Array(code.length * INSTRUCTION_BYTES);
  for (const [pc, instruction] of code.entries()) {
    bytes.set(encodeInstruction(instruction), pc * INSTRUCTION_BYTES);
  }
  return bytes;
}

function isJump({ op }: Instruction): boolean {
  const shape = OPCODES.get(op)?.shape;
  return shape === 'jump' || shape === 'jumpIf';
}

function moveTarget(instruction: Instruction, start: number): Instruction {
  const imm = instruction.imm.slice();
  const view = new DataView(imm.buffer);
  view.setUint32(0, view.getUint32(0, true) + start, true);
  return { ...instruction, imm };
}
