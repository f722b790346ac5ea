/**
 * A scene: all that one evaluation depends on, so that it can be run again and again beside the
 * network: the process as it was before, the message, and the texts of its program.
 */
import type { Recall } from '../../actors/compute/recall.js';
import type { Checkpoint } from '../../actors/lua/checkpoint.js';
import type { Device } from '../../actors/lua/device.js';
import type { LuaFile } from '../../actors/lua/image.js';
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';
import type { Past, Program } from '../inspect/past.js';
import { readSources, type Sources } from '../inspect/sources.js';

export interface Scene extends Program {
  readonly process: string;
  /** Its number in the life of the process. */
  readonly index: number;
  readonly nonce: number;
  /** Id; of a cron `<interval>@<ms>`. */
  readonly message: string;
  readonly action: string | undefined;
  readonly json: string;
  readonly timestampMs: number;
  readonly environment: string;
  readonly limits: { readonly memoryBytes: number; readonly instructions: number };
  readonly devices: readonly Device[];
  /** The process before the evaluation. */
  readonly checkpoint: Checkpoint;
  readonly sources: Sources;
  /** The files of its module: the kernel. */
  readonly files: readonly LuaFile[];
}

/** What a process was given, or is about to be given. */
export interface GivenInput {
  readonly at: { readonly nonce: number; readonly timestampMs: number; readonly cron?: string };
  readonly message?: string;
  readonly action: string | undefined;
  readonly json: string;
}

/**
 * The scene of an evaluation of the past.
 * @param message id of a message of the process, or `<interval>@<ms>` of a cron
 * @throws {UNKNOWN_PROCESS} and KitError MESSAGE_NOT_FOUND, STATE_NOT_LUA, REPLAY_TOO_LONG
 */
export async function openScene(
  network: ActorNetwork,
  past: Past,
  process: string,
  message: string,
): Promise<Scene> {
  const recall = network.units.recall(process);
  const index = recall.find(message);
  if (index === undefined) throw neverGiven(process, message);
  const { value: input } = recall.inputs(index).next();
  if (!input) throw neverGiven(process, message);
  return past.at(process, index, ({ checkpoint, image, baseline }) =>
    makeScene(network, { recall, index, checkpoint, image, baseline }, input),
  );
}

interface Before extends Program {
  readonly recall: Recall;
  readonly index: number;
  readonly checkpoint: Checkpoint;
}

export async function makeScene(
  network: ActorNetwork,
  before: Before,
  input: GivenInput,
): Promise<Scene> {
  const { recall, index, checkpoint, image, baseline } = before;
  const { life } = recall;
  const { nonce, timestampMs, cron } = input.at;
  return {
    process: life.id,
    index,
    nonce,
    message: input.message ?? `${cron}@${timestampMs}`,
    action: input.action,
    json: input.json,
    timestampMs,
    environment: life.environment,
    limits: life.program.limits,
    devices: await recall.devices(),
    checkpoint,
    image,
    baseline,
    sources: readSources(network, life.id, nonce),
    files: life.program.kind === 'lua' ? life.program.files : [],
  };
}

function neverGiven(process: string, message: string): KitError {
  const text = `process ${process} was never given ${message}`;
  const hint = 'Give the id of a message that this process has evaluated.';
  return new KitError('MESSAGE_NOT_FOUND', text, { hint, details: { process, message } });
}
