/**
 * Modules: the programs that processes run. A module is an item or a transaction on the gateway. Its
 * tag `Module-Format` says what its data is: one of AO's WebAssembly formats, or JSON of our own,
 * `{ "entry": NAME, "files": [{ "name", "source" }, ...] }`, Lua files under the names by which they
 * are required; the entry leaves the global function `handle`.
 */
import { type DataItem, signDataItem } from '../../arlocal/data-item.js';
import type { Gateway } from '../../arlocal/gateway.js';
import type { Tag } from '../../arlocal/tags.js';
import type { Wallet } from '../../arlocal/wallet.js';
import { ActorError } from '../errors.js';
import { aoType, protocolTags, tagValue, tagValues } from '../items/protocol.js';
import { storedItem } from '../items/stored-item.js';
import type { Limits } from '../limits.js';
import type { LuaFile } from '../lua/image.js';
import { WEAVE_DRIVE } from '../wasm/drive.js';
import { readBinary } from '../wasm/engine.js';
import { detectFormat, findFormat, WASM_FORMATS, type WasmFormat } from '../wasm/formats.js';

/** Value of the tag `Module-Format` of the modules in Lua. */
const LUA_FORMAT = 'lua54-corral';

export interface ModuleSource {
  readonly files: readonly LuaFile[];
  /** Name of the file that runs at boot. */
  readonly entry: string;
}

/** A module that was compiled elsewhere. */
export interface WasmSource {
  readonly wasm: Uint8Array;
  /** Value of `Module-Format`; found in the binary without it, but for the metered formats. */
  readonly format?: string;
}

interface Common {
  readonly item: DataItem;
  /** Values of the tag `Extension`: each names a device that its processes may require. */
  readonly extensions: readonly string[];
  readonly limits: {
    readonly memoryBytes: number;
    readonly instructions: number;
    /** Gas of a metered WebAssembly build. */
    readonly gas?: number;
  };
}

export interface LuaProgram extends ModuleSource, Common {
  readonly kind: 'lua';
}

export interface WasmProgram extends Common {
  readonly kind: 'wasm';
  readonly format: WasmFormat;
}

export type Program = LuaProgram | WasmProgram;

/**
 * Signs a module and stores it on the gateway.
 * @param pinned id that it is served under instead of its own; a module that is there already stays
 * @returns its id
 */
export function publishModule(
  gateway: Gateway,
  wallet: Wallet,
  module: ModuleSource | WasmSource,
  tags: readonly Tag[],
  pinned?: string,
): string {
  if (pinned !== undefined && gateway.item(pinned)) return pinned;
  const signed = signDataItem(wallet, {
    anchor: pinned, // an item has one alias at most
    tags: [...protocolTags('Module'), ...moduleTags(module), ...tags],
    data:
      'wasm' in module ? module.wasm : JSON.stringify({ entry: module.entry, files: module.files }),
  });
  gateway.putItem(signed, { alias: pinned });
  return pinned ?? signed.item.id;
}

/**
 * The tags that say how a module's data is to be read.
 * @throws {WASM_INVALID}
 */
export function moduleTags(module: ModuleSource | WasmSource): Tag[] {
  const isWasm = 'wasm' in module;
  const format = isWasm
    ? (module.format ?? detectFormat(readBinary(module.wasm)).name)
    : LUA_FORMAT;
  return [
    { name: 'Module-Format', value: format },
    { name: 'Input-Encoding', value: 'JSON-V1' },
    { name: 'Output-Encoding', value: 'JSON-V1' },
    { name: 'Content-Type', value: isWasm ? 'application/wasm' : 'application/json' },
  ];
}

/**
 * Reads the module with this id.
 * @throws {MODULE_NOT_FOUND, NOT_A_MODULE, BAD_MODULE}
 */
export function readModule(gateway: Gateway, id: string, limits: Limits): Program {
  return readProgram(requireModule(gateway, id), limits);
}

/**
 * Reads an item as a module. A binary is not looked at yet.
 * @throws {NOT_A_MODULE, BAD_MODULE}
 */
export function readProgram(item: DataItem, limits: Limits): Program {
  const { id } = item;
  requireModuleType(item);
  requireTags(item);
  const name = tagValue(item.tags, 'Module-Format');
  const format = findFormat(name);
  const extensions = tagValues(item.tags, 'Extension');
  if (format) return { kind: 'wasm', item, extensions, format, limits: wasmLimits(item, limits) };
  if (name !== LUA_FORMAT) {
    const formats = [LUA_FORMAT, ...WASM_FORMATS.map((it) => it.name)].join(', ');
    throw badModule(id, `has the format "${name}"`, `Modules here have one of ${formats}.`);
  }
  const source = parseSource(id, item.data);
  const memoryBytes = Math.min(limits.memoryBytes, memoryTag(item) ?? limits.memoryBytes);
  const instructions = Math.min(limits.instructions, computeTag(item) ?? limits.instructions);
  return { kind: 'lua', ...source, item, extensions, limits: { memoryBytes, instructions } };
}

/** Memory of a WebAssembly process whose module does not say; what AO's compute unit allows. */
const WASM_MEMORY = 1024 ** 3;

function wasmLimits(item: DataItem, limits: Limits): WasmProgram['limits'] {
  const gas = computeTag(item);
  return {
    memoryBytes: Math.min(limits.wasmMemoryBytes, memoryTag(item) ?? WASM_MEMORY),
    instructions: limits.wasmInstructions,
    ...(gas !== undefined && { gas }),
  };
}

/** Most that Memory-Limit may say: what WebAssembly can address here in one piece. */
const MEMORY_TAG_MAX = 4 * 1024 ** 3;

/** @throws {BAD_MODULE} */
function memoryTag({ id, tags }: DataItem): number | undefined {
  const text = tagValue(tags, 'Memory-Limit');
  if (text === undefined) return undefined;
  const bytes = parseMemory(text);
  if (bytes !== undefined && bytes > 0 && bytes <= MEMORY_TAG_MAX) return bytes;
  const hint = 'Give it as a number with a unit, such as 64-mb; 4-gb is the most.';
  throw badModule(id, `has the Memory-Limit "${text}"`, hint);
}

/** @throws {BAD_MODULE} */
function computeTag({ id, tags }: DataItem): number | undefined {
  const text = tagValue(tags, 'Compute-Limit');
  if (text === undefined) return undefined;
  const gas = /^\d+$/.test(text) ? Number(text) : 0;
  // More than can be counted exactly is no bound, but no mistake either.
  if (gas > 0) return Math.min(gas, Number.MAX_SAFE_INTEGER);
  const hint = 'Give a positive whole number, such as 9000000000000.';
  throw badModule(id, `has the Compute-Limit "${text}"`, hint);
}

/** @throws {BAD_MODULE} when a limit is none, or WebAssembly wants what no process here has */
function requireTags(item: DataItem): void {
  const { id, tags } = item;
  memoryTag(item);
  computeTag(item);
  if (!findFormat(tagValue(tags, 'Module-Format'))) return;
  const unknown = tagValues(tags, 'Extension').find((name) => name !== WEAVE_DRIVE);
  if (unknown === undefined) return;
  const hint = `Modules in WebAssembly have one extension here, ${WEAVE_DRIVE}.`;
  throw badModule(id, `has the Extension "${unknown}"`, hint);
}

/**
 * The item of a module, whatever its format; its data is not looked at.
 * @throws {MODULE_NOT_FOUND, NOT_A_MODULE, BAD_MODULE}
 */
export function requireModule(gateway: Gateway, id: string): DataItem {
  const item = storedItem(gateway, id);
  if (!item) {
    throw new ActorError(
      'MODULE_NOT_FOUND',
      `there is no module ${id || '(no id)'} on the gateway`,
      {
        hint: 'Spawn from the id of a module that was published on this network.',
        details: { module: id },
      },
    );
  }
  requireModuleType(item);
  requireTags(item);
  return item;
}

function requireModuleType(item: DataItem): void {
  if (aoType(item) === 'Module') return;
  throw new ActorError('NOT_A_MODULE', `the item ${item.id} is no module`, {
    hint: 'Spawn from an item with the tags Data-Protocol=ao and Type=Module.',
    details: { module: item.id },
  });
}

function parseSource(id: string, data: Uint8Array): ModuleSource {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(data).toString('utf8'));
  } catch (cause) {
    throw badModule(id, 'has data that is no JSON', FORMAT_HINT, cause);
  }
  const { entry, files } = (value ?? {}) as { entry?: unknown; files?: unknown };
  if (typeof entry === 'string' && Array.isArray(files) && files.every(isFile)) {
    return { entry, files };
  }
  throw badModule(id, 'has data of another shape', FORMAT_HINT);
}

const FORMAT_HINT = 'The data is { "entry": NAME, "files": [{ "name": ..., "source": ... }] }.';

function isFile(value: unknown): value is LuaFile {
  const { name, source } = (value ?? {}) as Partial<LuaFile>;
  return typeof name === 'string' && typeof source === 'string';
}

/** `1-gb` and the like, as AO's modules write it, in bytes. */
function parseMemory(text: string | undefined): number | undefined {
  const match = /^(\d+)-?(kb|mb|gb|)$/.exec(text ?? '');
  if (!match) return undefined;
  const unit = { '': 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }[match[2] ?? ''] ?? 1;
  return Number(match[1]) * unit;
}

function badModule(id: string, problem: string, hint: string, cause?: unknown): ActorError {
  return new ActorError('BAD_MODULE', `the module ${id} ${problem}`, {
    hint,
    details: { module: id },
    cause,
  });
}
