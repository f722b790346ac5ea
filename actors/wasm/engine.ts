/**
 * A module made ready once for all its processes: metered, compiled, and booted to the state that
 * each of them begins with.
 */
import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { MachineError } from '../lua/errors.js';
import { meterModule } from '../lua/meter.js';
import { type Binary, describeBinary } from './binary.js';
import { WasmError } from './errors.js';
import { EXPORT_LETTERS, type WasmFormat } from './formats.js';
import { GAS_PRICES } from './gas.js';
import { BOOT_GAS, createInstance, type Instance } from './instance.js';
import { emptySnapshot, type Snapshot, updateSnapshot } from './memory.js';

export interface WasmEngine {
  readonly format: WasmFormat;
  readonly binary: Binary;
  readonly module: WebAssembly.Module;
  /** SHA-256 of binary and format, base64url: two modules with one of these are the same. */
  readonly hash: string;
  /** Memory as it is after boot. */
  readonly image: Snapshot;
  /** Instances of disposed machines, at the state of the image. */
  readonly spare: Instance[];
}

/** `(module (memory i64 1))` */
const WIDE_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 1);

/**
 * Makes a module ready. Takes some tens of milliseconds; do it once per module.
 *
 * @throws {WASM_INVALID} when the bytes are no WebAssembly, or ask for what is not to be had
 * @throws {WASM_NO_HANDLE} when the module does not export `handle` and what calling it takes
 * @throws {WASM_MEMORY64} when this Node cannot run 64-bit modules
 * @throws {WASM_MEMORY_LIMIT} when it begins with more memory than can be addressed in one piece
 * @throws {WASM_FORMAT} when the binary is not of the format that it is said to be
 */
export function createWasmEngine(bytes: Uint8Array, format: WasmFormat): WasmEngine {
  const binary = readBinary(bytes);
  requireShape(binary, format);
  requireMemory(binary);
  if (binary.isWide) requireMemory64();
  const module = compile(bytes, binary, format);
  const hash = createHash('sha256').update(format.name).update(bytes).digest('base64url');
  const engine: WasmEngine = {
    format,
    binary,
    module,
    hash,
    image: emptySnapshot(),
    spare: [],
  };
  const instance = createInstance(engine);
  updateSnapshot(engine.image, instance.buffer, instance.layout);
  engine.spare.push(instance);
  return engine;
}

/** @throws {WASM_INVALID} */
export function readBinary(bytes: Uint8Array): Binary {
  try {
    if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') === '\0asm') {
      return describeBinary(bytes);
    }
  } catch (cause) {
    if (!(cause instanceof MachineError)) throw cause;
    throw invalid('is malformed', cause);
  }
  throw invalid('does not begin like WebAssembly');
}

function requireShape(binary: Binary, format: WasmFormat): void {
  if (binary.isWide !== format.isWide) {
    const width = binary.isWide ? 64 : 32;
    throw new WasmError(
      'WASM_FORMAT',
      `the binary has ${width}-bit addresses, ${format.name} not`,
      {
        hint: 'Give the module the Module-Format that it was built for.',
      },
    );
  }
  const handle = format.isMinified ? EXPORT_LETTERS.handle : 'handle';
  const isWhole = binary.functions.has(handle ?? '') && binary.memory && binary.table;
  if (isWhole && binary.stackPointer !== undefined) return;
  throw new WasmError(
    'WASM_NO_HANDLE',
    'the module does not export `handle` as a module of AO does',
    {
      hint: 'Build it with emscripten as AO modules are, exporting handle, memory and the stack.',
      details: { exports: [...binary.functions.keys()].slice(0, 20), format: format.name },
    },
  );
}

/** Most memory that Node gives a view of, in pages. */
const PAGES_MAX = 65_536;

function requireMemory({ memoryPages }: Binary): void {
  if (memoryPages < PAGES_MAX) return;
  const gib = (memoryPages * 65_536) / 1024 ** 3;
  throw new WasmError('WASM_MEMORY_LIMIT', `the module begins with ${gib} GiB of memory`, {
    hint: 'Build it with less: Node addresses less than 4 GiB in one piece.',
    details: { limit: PAGES_MAX, got: memoryPages },
  });
}

function compile(bytes: Uint8Array, binary: Binary, { gas }: WasmFormat): WebAssembly.Module {
  const guest = { ...binary, startGas: BOOT_GAS, prices: gas && GAS_PRICES };
  try {
    return new WebAssembly.Module(meterModule(bytes, guest));
  } catch (cause) {
    if (!(cause instanceof WebAssembly.CompileError || cause instanceof MachineError)) throw cause;
    throw invalid(`does not compile: ${cause.message}`, cause);
  }
}

function invalid(problem: string, cause?: unknown): WasmError {
  return new WasmError('WASM_INVALID', `the module ${problem}`, {
    hint: 'Bring the .wasm file as the compiler wrote it.',
    cause,
  });
}

/**
 * Node 20 and 22 have 64-bit memories behind a flag of V8, which can be set while running; newer
 * ones have them at once.
 */
function requireMemory64(): void {
  if (WebAssembly.validate(WIDE_MODULE)) return;
  setFlagsFromString('--experimental-wasm-memory64');
  if (WebAssembly.validate(WIDE_MODULE)) return;
  throw new WasmError(
    'WASM_MEMORY64',
    `this Node (${process.version}) cannot run modules with 64-bit addresses`,
    { hint: 'Start it with --experimental-wasm-memory64, or use Node 20.19 or newer.' },
  );
}
