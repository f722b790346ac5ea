/**
 * Modules: the programs that processes run. A module is an item on the gateway whose data is JSON,
 * `{ "entry": NAME, "files": [{ "name", "source" }, ...] }`, Lua files under the names by which they
 * are required; the entry leaves the global function `handle`.
 */
import { type DataItem, signDataItem } from '../arlocal/data-item.js';
import type { Gateway } from '../arlocal/gateway.js';
import type { Tag } from '../arlocal/tags.js';
import type { Wallet } from '../arlocal/wallet.js';
import { ActorError } from './errors.js';
import type { Limits } from './limits.js';
import type { LuaFile } from './lua/image.js';
import { aoType, protocolTags, tagValue, tagValues } from './protocol.js';

/** Value of the tag `Module-Format` of the modules that run here. */
const MODULE_FORMAT = 'lua54-corral';

export interface ModuleSource {
  readonly files: readonly LuaFile[];
  /** Name of the file that runs at boot. */
  readonly entry: string;
}

export interface Program extends ModuleSource {
  readonly item: DataItem;
  /** Values of the tag `Extension`: each names a device that its processes may require. */
  readonly extensions: readonly string[];
  readonly limits: { readonly memoryBytes: number; readonly instructions: number };
}

/**
 * Signs a module and stores it on the gateway.
 * @param pinned id that it is served under instead of its own; a module that is there already stays
 * @returns its id
 */
export function publishModule(
  gateway: Gateway,
  wallet: Wallet,
  module: ModuleSource,
  tags: readonly Tag[],
  pinned?: string,
): string {
  if (pinned !== undefined && gateway.item(pinned)) return pinned;
  const signed = signDataItem(wallet, {
    tags: [
      ...protocolTags('Module'),
      { name: 'Module-Format', value: MODULE_FORMAT },
      { name: 'Input-Encoding', value: 'JSON-V1' },
      { name: 'Output-Encoding', value: 'JSON-V1' },
      { name: 'Content-Type', value: 'application/json' },
      ...tags,
    ],
    data: JSON.stringify({ entry: module.entry, files: module.files }),
  });
  if (!gateway.item(signed.item.id)) gateway.putItem(signed, { alias: pinned });
  return pinned ?? signed.item.id;
}

/**
 * Reads the module with this id.
 * @throws {MODULE_NOT_FOUND, NOT_A_MODULE, BAD_MODULE}
 */
export function readModule(gateway: Gateway, id: string, limits: Limits): Program {
  const item = requireModule(gateway, id);
  const format = tagValue(item.tags, 'Module-Format');
  if (format !== MODULE_FORMAT) {
    throw badModule(id, `has the format "${format}"`, `Modules here have ${MODULE_FORMAT}.`);
  }
  return {
    ...parseSource(id, item.data),
    item,
    extensions: tagValues(item.tags, 'Extension'),
    limits: {
      memoryBytes: Math.min(
        limits.memoryBytes,
        parseMemory(tagValue(item.tags, 'Memory-Limit')) ?? limits.memoryBytes,
      ),
      instructions: Math.min(
        limits.instructions,
        Number(tagValue(item.tags, 'Compute-Limit') ?? limits.instructions) || limits.instructions,
      ),
    },
  };
}

/**
 * The item of a module, whatever its format.
 * @throws {MODULE_NOT_FOUND, NOT_A_MODULE}
 */
export function requireModule(gateway: Gateway, id: string): DataItem {
  const item = gateway.item(id);
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
  if (aoType(item) !== 'Module') {
    throw new ActorError('NOT_A_MODULE', `the item ${id} is no module`, {
      hint: 'Spawn from an item with the tags Data-Protocol=ao and Type=Module.',
      details: { module: id },
    });
  }
  return item;
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
