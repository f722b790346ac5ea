/**
 * The suite's own WebAssembly module as the program of a handle, run by Corral's machine for such
 * modules, which copies only what a message changed.
 */
import { decodeState, encodeState } from '../../actors/wasm/checkpoint.js';
import { createWasmEngine, readBinary, type WasmEngine } from '../../actors/wasm/engine.js';
import { detectFormat, findFormat, type WasmFormat } from '../../actors/wasm/formats.js';
import { createWasmMachine, type WasmLimits } from '../../actors/wasm/machine.js';
import { shareSnapshot } from '../../actors/wasm/memory.js';
import { ClientError, foreignMemory } from '../errors.js';
import type { Program } from './program.js';

/**
 * @param format its Module-Format; told by its imports if not given
 * @throws {ClientError} BAD_OPTION for a format that is none
 * @throws {WasmError} for a module that cannot be run
 */
export function createBinaryProgram(
  bytes: Uint8Array,
  format: string | undefined,
  limits: WasmLimits,
): Program {
  const engine = createWasmEngine(bytes, readFormat(bytes, format));
  const machine = createWasmMachine(engine, limits);
  const { snapshot, ...rest } = machine.update(shareSnapshot(engine.image));
  return {
    open(memory) {
      // One machine for all calls: a memory that has grown is dear to make anew.
      const state = memory
        ? readMemory(memory, engine)
        : { ...rest, snapshot: shareSnapshot(snapshot) };
      machine.restore(state);
      return {
        evaluate: (message, environment) => machine.evaluate(message, environment),
        get gasUsed() {
          return machine.gasUsed;
        },
        memory: () => encodeState(engine, machine.update(state.snapshot)),
      };
    },
  };
}

function readFormat(bytes: Uint8Array, name: string | undefined): WasmFormat {
  if (name === undefined) return detectFormat(readBinary(bytes));
  const format = findFormat(name);
  if (format) return format;
  throw new ClientError('BAD_OPTION', `format is "${name}", which is no Module-Format of AO`, {
    hint: 'Leave it out: the imports of a module tell it.',
    details: { format: name },
  });
}

function readMemory(bytes: Uint8Array, engine: WasmEngine) {
  try {
    return decodeState(engine, bytes);
  } catch (cause) {
    throw foreignMemory(bytes, cause);
  }
}
