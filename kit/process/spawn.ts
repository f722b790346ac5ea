/** How a process is started: its program from a text or a file, and what a failing boot says. */
import { basename } from 'node:path';
import type { EvaluationError } from '../../actors/compute/result.js';
import { tagList } from '../../actors/items/protocol.js';
import type { ActorNetwork } from '../../actors/network.js';
import type { Tag } from '../../arlocal/tags.js';
import { bundleLua, explainMissingModule } from '../../herd/bundle.js';
import { publishModules } from '../../herd/modules.js';
import { KitError, show } from '../errors.js';
import type { SpawnRequest } from '../network-api.js';
import { projectRoot } from '../project-root.js';
import { reasonOf } from '../render/reason.js';
import { checkTags } from './message.js';

/** What the core is given to spawn, but for who signs. */
export interface Spawning {
  readonly module: string;
  readonly tags: readonly Tag[];
  readonly data?: string | Uint8Array;
  readonly id?: string;
}

/** @throws {BAD_OPTION, FILE_NOT_FOUND, FILE_NOT_READABLE, REQUIRE_CYCLE} */
export function readSpawn(request: SpawnRequest, defaultModule: () => string): Spawning {
  const { module, id } = request;
  const program = programOf(request);
  const data = program ?? request.data;
  const name = nameOf(request);
  return {
    module: module ?? defaultModule(),
    tags: [
      ...(name === undefined ? [] : [{ name: 'Name', value: name }]),
      ...(program === undefined ? [] : [{ name: 'On-Boot', value: 'Data' }]),
      ...tagList(checkTags(request.tags)),
    ],
    ...(data !== undefined && { data }),
    ...(id !== undefined && { id }),
  };
}

/** The module that processes run unless told otherwise; published when it is first needed. */
export function createDefaultModule(current: () => ActorNetwork): () => string {
  let known = '';
  return () => {
    if (known === '' || !current().gateway.item(known)) known = publishModules(current()).module;
    return known;
  };
}

/** The error of a program that could not even start. */
export function bootFailed(
  { name, file, source }: SpawnRequest,
  process: string,
  error: EvaluationError,
): KitError {
  const reason = reasonOf(error);
  const place = /^([^\n:]+\.lua):(\d+): /.exec(reason);
  const line = place ? Number(place[2]) : file === undefined ? error.line : undefined;
  const at = !place && line !== undefined ? `line ${line}: ` : '';
  const what = name ?? (file === undefined ? 'the process' : basename(file));
  const missing = file === undefined ? undefined : explainMissingModule(file, reason);
  const code = line === undefined ? undefined : source?.split('\n')[line - 1]?.trim();
  return new KitError('BOOT_FAILED', `${what} does not start: ${at}${reason}`, {
    hint: missing ?? error.hint ?? (code ? `Line ${line} is: ${code}` : 'Mend the program.'),
    details: {
      process,
      code: error.code,
      error: error.text,
      ...(file !== undefined && { file: place?.[1] ?? file }),
      ...(line !== undefined && { line }),
      ...(error.stack !== undefined && { stack: error.stack }),
    },
  });
}

function programOf({ source, file, data }: SpawnRequest): string | undefined {
  const given = Object.entries({ source, file, data }).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new KitError(
      'BAD_OPTION',
      `${given.map(([name]) => name).join(' and ')} are both given`,
      {
        hint: 'Give the program as source or as file; either is the data of the process.',
      },
    );
  }
  for (const [name, value] of Object.entries({ source, file })) {
    if (value === undefined || typeof value === 'string') continue;
    throw new KitError('BAD_OPTION', `${name} is ${show(value)}, not text`, {
      hint: 'Give Lua as source, or the path of a Lua file as file.',
    });
  }
  return file === undefined ? source : bundleLua(file, projectRoot());
}

function nameOf({ name, file }: SpawnRequest): string | undefined {
  return name ?? (file === undefined ? undefined : basename(file).replace(/\.lua$/, ''));
}
