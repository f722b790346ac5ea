/**
 * Turns one WebAssembly function into flat instructions: structured control becomes jumps, the
 * operand stack becomes slots. What cannot be reached is read, so that it is checked, and left out.
 */
import { createByteReader } from './byte-reader.js';
import { type Instruction, immediates } from './code.js';
import { createEmitter, createLabel, type Emitter, type Label } from './emitter.js';
import { OP, OPCODES, type Opcode, slotReads, writesSlot } from './opcodes.js';
import { createOperands, type Operands } from './operands.js';
import { readInstruction, WASM, type WasmInstruction } from './wasm-instruction.js';
import type { WasmFunction, WasmModule } from './wasm-module.js';

export interface LoweredBody {
  readonly code: readonly Instruction[]; // jumps are relative to its start
  readonly calls: readonly { readonly instruction: Instruction; readonly callee: number }[];
  readonly slots: number;
}

/** An open block, loop, if or the function itself. */
interface Block {
  readonly label: Label; // where a branch to it goes
  readonly otherwise: Label | undefined; // where an if goes when its condition is zero
  readonly height: number;
  readonly results: number; // on leaving it: 0 or 1
  readonly carried: number; // by a branch to it: none for a loop
  readonly resultSlot: number;
}

interface Lowering {
  readonly module: WasmModule;
  readonly emitter: Emitter;
  readonly operands: Operands;
  readonly blocks: Block[];
  readonly calls: { instruction: Instruction; callee: number }[];
  reachable: boolean;
}

/** @throws {MODULE_UNSUPPORTED} */
export function lowerFunction(module: WasmModule, fn: WasmFunction): LoweredBody {
  const emitter = createEmitter();
  const operands = createOperands(fn.locals, emitter);
  for (let local = fn.type.params; local < fn.locals; local += 1) {
    emitter.emit(OP.const, { dst: local });
  }
  const whole: Block = {
    label: createLabel(),
    otherwise: undefined,
    height: 0,
    results: fn.type.results,
    carried: fn.type.results,
    resultSlot: 0,
  };
  const state: Lowering = {
    module,
    emitter,
    operands,
    blocks: [whole],
    calls: [],
    reachable: true,
  };
  const reader = createByteReader(fn.body);
  let skipped = 0; // blocks opened where nothing is reached
  while (reader.at < fn.body.length) {
    const instruction = readInstruction(reader, fn.name, fn.offset);
    if (!state.reachable) {
      skipped += depthChange(instruction.op);
      const leaves = instruction.op === WASM.end ? skipped < 0 : instruction.op === WASM.else;
      if (!leaves || skipped > 0) continue;
      skipped = 0;
    }
    lower(state, instruction);
  }
  const slots = Math.max(operands.slotsMax, fn.type.results);
  return { code: emitter.code, calls: state.calls, slots };
}

function depthChange(op: number): number {
  if (op === WASM.end) return -1;
  return op === WASM.block || op === WASM.loop || op === WASM.if ? 1 : 0;
}

function lower(state: Lowering, instruction: WasmInstruction): void {
  const handle = HANDLERS.get(instruction.op);
  if (handle === undefined) lowerPlain(state, instruction);
  else handle(state, instruction);
}

/** An instruction that takes operands and leaves a value, without any effect on control. */
function lowerPlain({ emitter, operands }: Lowering, instruction: WasmInstruction): void {
  const { shape, bytes, lanes } = OPCODES.get(instruction.op) as Opcode;
  const [a = 0, b = 0, c = 0] = operands.take(slotReads(shape));
  const dst = writesSlot(shape) ? operands.push() : 0;
  const number = bytes > 0 || lanes > 0 ? immediates(instruction.index) : instruction.constant;
  emitter.emit(instruction.op, { dst, a, b, c }, number);
}

type Handler = (state: Lowering, instruction: WasmInstruction) => void;

const HANDLERS: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [WASM.nop, () => undefined],
  [WASM.unreachable, lowerUnreachable],
  [WASM.drop, (state) => void state.operands.pop()],
  [WASM.localGet, (state, { index }) => state.operands.pushLocal(index)],
  [WASM.localSet, (state, { index }) => setLocal(state, index)],
  [WASM.localTee, lowerTee],
  [WASM.globalGet, lowerGlobal],
  [WASM.i32Const, lowerConstant],
  [WASM.i64Const, lowerConstant],
  [WASM.f32Const, lowerConstant],
  [WASM.f64Const, lowerConstant],
  [WASM.v128Const, lowerConstant],
  [WASM.call, lowerCall],
  [WASM.block, openBlock],
  [WASM.loop, openLoop],
  [WASM.if, openIf],
  [WASM.else, switchToElse],
  [WASM.end, closeBlock],
  [WASM.br, (state, { index }) => branch(state, blockAt(state, index))],
  [WASM.brIf, lowerBranchIf],
  [WASM.brTable, lowerBranchTable],
  [WASM.return, (state) => branch(state, state.blocks[0] as Block)],
]);

function lowerUnreachable(state: Lowering): void {
  state.emitter.emit(OP.unreachable);
  state.reachable = false;
}

function lowerConstant({ emitter, operands }: Lowering, { constant }: WasmInstruction): void {
  emitter.emit(OP.const, { dst: operands.push() }, constant);
}

function lowerGlobal(state: Lowering, instruction: WasmInstruction): void {
  const constant = state.module.globals[instruction.index] as Uint8Array;
  lowerConstant(state, { ...instruction, constant });
}

function setLocal({ operands, emitter }: Lowering, local: number): void {
  const from = operands.pop();
  if (from === local) return;
  // Once values were moved away, the last instruction is a move of another one.
  if (operands.settle(local)) emitter.emit(OP.move, { dst: local, a: from });
  else operands.move(from, local);
}

function lowerTee(state: Lowering, { index }: WasmInstruction): void {
  setLocal(state, index);
  state.operands.pushLocal(index);
}

/** Arguments lie where the callee has its first slots; its result comes back in their place. */
function lowerCall(state: Lowering, { index }: WasmInstruction): void {
  const { emitter, operands, calls, module } = state;
  const { params, results } = (module.functions[index] as WasmFunction).type;
  operands.settle();
  operands.take(params);
  const instruction = emitter.emit(OP.call, {}, immediates(0, operands.slotAt(operands.height)));
  calls.push({ instruction, callee: index });
  if (results > 0) operands.push();
}

function blockAt(state: Lowering, depth: number): Block {
  return state.blocks.at(-1 - depth) as Block;
}

/** Blocks start with every value in a slot of its own: a branch may meet or miss a later move. */
function open(state: Lowering, results: number, loop: boolean, otherwise?: Label): void {
  const { operands, blocks } = state;
  const resultSlot = operands.slotAt(operands.height);
  const shape = { height: operands.height, results, resultSlot, otherwise };
  blocks.push({ ...shape, label: createLabel(), carried: loop ? 0 : results });
}

function openBlock(state: Lowering, { index }: WasmInstruction): void {
  state.operands.settle();
  open(state, index, false);
}

function openLoop(state: Lowering, { index }: WasmInstruction): void {
  state.operands.settle();
  open(state, index, true);
  state.emitter.place(blockAt(state, 0).label);
}

function openIf(state: Lowering, { index }: WasmInstruction): void {
  const condition = takeCondition(state);
  state.operands.settle();
  const otherwise = createLabel();
  const op = condition.negated ? OP.jumpIf : OP.jumpIfZero;
  state.emitter.jump(op, otherwise, condition.slot);
  open(state, index, false, otherwise);
}

function switchToElse(state: Lowering): void {
  const { emitter, operands, blocks } = state;
  const block = blocks.pop() as Block;
  if (state.reachable) {
    carry(state, block.resultSlot, block.results);
    emitter.jump(OP.jump, block.label);
  }
  emitter.place(block.otherwise as Label);
  operands.cut(block.height);
  state.reachable = true;
  blocks.push({ ...block, otherwise: undefined });
}

function closeBlock(state: Lowering): void {
  const { emitter, operands, blocks } = state;
  const block = blocks.pop() as Block;
  if (state.reachable) carry(state, block.resultSlot, block.results);
  const jumpedTo = block.label.at === undefined && block.label.waiting.length > 0;
  state.reachable ||= jumpedTo || block.otherwise !== undefined;
  if (block.otherwise !== undefined) emitter.place(block.otherwise);
  if (block.label.at === undefined) emitter.place(block.label);
  if (blocks.length === 0) {
    if (state.reachable) emitter.emit(OP.return);
    return;
  }
  operands.cut(block.height);
  if (block.results > 0) operands.push();
}

/** Copies the top value to where a block leaves its result, if it has one. */
function carry({ operands }: Lowering, slot: number, results: number): void {
  if (results > 0) operands.move(operands.top(), slot);
}

function branch(state: Lowering, block: Block): void {
  carry(state, block.resultSlot, block.carried);
  leave(state, block);
  state.reachable = false;
}

/** The jump itself; out of the function it is a return. */
function leave({ emitter, blocks }: Lowering, block: Block): void {
  if (block === blocks[0]) emitter.emit(OP.return);
  else emitter.jump(OP.jump, block.label);
}

function lowerBranchIf(state: Lowering, { index }: WasmInstruction): void {
  const { emitter, operands } = state;
  const block = blockAt(state, index);
  const { slot, negated } = takeCondition(state);
  if (block.carried === 0 || operands.top() === block.resultSlot) {
    emitter.jump(negated ? OP.jumpIfZero : OP.jumpIf, block.label, slot);
    return;
  }
  const past = createLabel();
  emitter.jump(negated ? OP.jumpIf : OP.jumpIfZero, past, slot);
  emitter.emit(OP.move, { dst: block.resultSlot, a: operands.top() });
  leave(state, block);
  emitter.place(past);
}

/** One comparison for each label but the default; labels that need a move get it behind them. */
function lowerBranchTable(state: Lowering, { labels }: WasmInstruction): void {
  const { emitter, operands } = state;
  const index = operands.pop();
  const blocks = labels.map((depth) => blockAt(state, depth));
  const fallback = blocks.pop() as Block;
  const moves = (block: Block) => block.carried > 0 && operands.top() !== block.resultSlot;
  const stubs = new Map<Block, Label>();
  for (const [value, block] of blocks.entries()) {
    if (block === fallback) continue;
    if (moves(block) && !stubs.has(block)) stubs.set(block, createLabel());
    emitter.jump(OP.jumpIfEqual, stubs.get(block) ?? block.label, index, value);
  }
  carry(state, fallback.resultSlot, fallback.carried);
  leave(state, fallback);
  for (const [block, stub] of stubs) {
    emitter.place(stub);
    emitter.emit(OP.move, { dst: block.resultSlot, a: operands.top() });
    leave(state, block);
  }
  state.reachable = false;
}

/** Takes the condition off the stack; `i32.eqz` before a jump is the jump's other kind. */
function takeCondition({ emitter, operands }: Lowering): { slot: number; negated: boolean } {
  const slot = operands.pop();
  const zero =
    slot === operands.slotAt(operands.height) ? emitter.takeBack(I32_EQZ, slot) : undefined;
  return zero === undefined ? { slot, negated: false } : { slot: zero.a, negated: true };
}

const I32_EQZ = 0x45;
