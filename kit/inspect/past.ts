/**
 * The past of processes: any of them as it was before any of its evaluations, on a machine of its
 * own. A process is evaluated again from the nearest state that is known, and what a network did goes
 * on untouched; going forward costs one evaluation a step, going back at most some dozens.
 */

import type { Recall } from '../../actors/compute/recall.js';
import { readReply } from '../../actors/compute/result.js';
import type { Checkpoint } from '../../actors/lua/checkpoint.js';
import type { Device } from '../../actors/lua/device.js';
import { compileLua, type LuaEngine } from '../../actors/lua/engine.js';
import { MachineError } from '../../actors/lua/errors.js';
import { createImage, type MemoryImage } from '../../actors/lua/image.js';
import { createMachine, type LuaMachine } from '../../actors/lua/machine.js';
import { SANDBOX_NAME } from '../../actors/lua/sandbox.js';
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';
import { type Baseline, readBaseline } from './process-state.js';

/** What all processes of a module have in common. */
export interface Program {
  readonly image: MemoryImage;
  readonly baseline: Baseline;
}

/** A process as it was once. */
export interface Standing extends Program {
  readonly recall: Recall;
  /** The evaluation that comes next. */
  readonly index: number;
  /** In the state before it. What is done to it is forgotten. */
  readonly machine: LuaMachine;
  readonly checkpoint: Checkpoint;
}

export interface Past {
  /**
   * Lends a process as it was before an evaluation; after the last one if the index says so.
   * @throws {UNKNOWN_PROCESS} what its module throws, and KitError STATE_NOT_LUA
   */
  at<Answer>(
    process: string,
    index: number,
    use: (standing: Standing) => Answer | Promise<Answer>,
  ): Promise<Answer>;
  /** What the module of a process is. @throws as `at` */
  programOf(process: string): Promise<Program>;
  /** Gives the machines back. */
  close(): void;
}

/** A process that is being walked along. */
interface Walk extends Program {
  readonly recall: Recall;
  readonly devices: readonly Device[];
  readonly machine: LuaMachine;
  index: number;
  /** States by the evaluation before which they were, ascending. */
  readonly kept: Map<number, Checkpoint>;
  /** Evaluations between two that are kept: it doubles when there are many. */
  spacing: number;
}

const SPACING = 16;
const KEPT_MAX = 24;
const WALKS_MAX = 16;
const REPLAY_MAX = 100_000;
/** Gas between two breaths, about ten milliseconds. */
const BREATH_GAS = 2_000_000;

/** @param most evaluations that one question may make again; REPLAY_TOO_LONG */
export function createPast(network: ActorNetwork, most = REPLAY_MAX): Past {
  const walks = new Map<string, Walk>(); // in the order of their last use
  const programs = new Map<string, Program>();
  let { units } = network;
  let engine: LuaEngine | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const programOf = async (recall: Recall): Promise<Program> => {
    const { program } = recall.life;
    const known = programs.get(program.item.id);
    if (known) return known;
    if (program.kind !== 'lua') throw notLua(recall.life.id);
    engine ??= compileLua();
    const devices = await recall.devices();
    const { files, entry, limits } = program;
    const image = createImage(engine, { files, entry, devices });
    const machine = createMachine(image, { limits, devices });
    const names = [SANDBOX_NAME, '=boot', ...[...files, ...devices].map(({ name }) => name)];
    const made = { image, baseline: readBaseline(machine, names) };
    machine.dispose();
    programs.set(program.item.id, made);
    return made;
  };
  const forget = () => {
    for (const { machine } of walks.values()) machine.dispose();
    walks.clear();
  };
  const walkOf = async (process: string): Promise<Walk> => {
    if (units !== network.units) forget(); // it went back to a snapshot: that is another past
    units = network.units;
    const known = walks.get(process);
    if (known) {
      walks.delete(process);
      walks.set(process, known);
      return known;
    }
    const recall = network.units.recall(process);
    const program = await programOf(recall);
    const devices = await recall.devices();
    const { limits } = recall.life.program;
    const machine = createMachine(program.image, { limits, devices });
    const walk = { ...program, recall, devices, machine, index: 0, kept: new Map() };
    for (const [id, oldest] of walks) {
      if (walks.size < WALKS_MAX) break;
      oldest.machine.dispose();
      walks.delete(id);
    }
    walks.set(process, { ...walk, spacing: SPACING });
    return walks.get(process) as Walk;
  };
  const breathe = () => network.gateway.breathe();
  return {
    at(process, index, use) {
      const answer = turn.then(async () => {
        const walk = await walkOf(process);
        try {
          await goTo(walk, index, { most, breathe });
        } catch (error) {
          walks.delete(process); // it may stand in the middle of a message
          walk.machine.dispose();
          throw error;
        }
        const { recall, machine, image, baseline } = walk;
        const checkpoint = machine.checkpoint();
        try {
          return await use({ recall, machine, image, baseline, index, checkpoint });
        } finally {
          machine.restore(checkpoint); // who looks makes strings, and so leaves a mark
        }
      });
      turn = Promise.allSettled([answer]); // whoever asked is told
      return answer;
    },
    programOf: (process) => programOf(network.units.recall(process)),
    close: forget,
  };
}

async function goTo(
  walk: Walk,
  index: number,
  { most, breathe }: { readonly most: number; readonly breathe: () => Promise<void> },
): Promise<void> {
  const { recall, machine, kept } = walk;
  if (index < walk.index || [...kept.keys()].some((at) => at > walk.index && at <= index)) {
    const nearest = Math.max(0, ...[...kept.keys()].filter((at) => at <= index));
    machine.restore(kept.get(nearest));
    walk.index = nearest;
  }
  if (index - walk.index > most) throw tooLong(recall.life.id, index - walk.index, most);
  let spent = 0;
  for (const { json, at } of walk.index < index ? recall.inputs(walk.index) : []) {
    const { error, elsewhere } = recall.evaluation(walk.index)?.result ?? {};
    const give = () => machine.evaluate(json, recall.life.environment, at.timestampMs);
    if (elsewhere) tryOut(machine, give);
    else if (!error) give();
    walk.index++;
    if (walk.index % walk.spacing === 0) keep(walk);
    if (walk.index >= index) return;
    if (!error) spent += machine.instructionsUsed;
    if (spent < BREATH_GAS) continue;
    spent = 0;
    await breathe();
  }
}

/** Evaluates what another network has evaluated: whether it failed there is not known here. */
function tryOut(machine: LuaMachine, give: () => string): void {
  const before = machine.checkpoint();
  try {
    if (readReply(give()).error) machine.restore(before);
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    machine.restore(before);
  }
}

/** Remembers where the walk is; when there are many, every second one is forgotten. */
function keep(walk: Walk): void {
  const { kept, machine, index } = walk;
  if (kept.has(index)) return;
  kept.set(index, machine.checkpoint());
  if (kept.size <= KEPT_MAX) return;
  walk.spacing *= 2;
  for (const at of [...kept.keys()]) if (at % walk.spacing !== 0) kept.delete(at);
}

function tooLong(process: string, got: number, limit: number): KitError {
  const text = `${got} messages of ${process} would have to be evaluated again, the limit is ${limit}`;
  const hint = 'Ask for an earlier moment of it.';
  return new KitError('REPLAY_TOO_LONG', text, { hint, details: { process, got, limit } });
}

function notLua(process: string): KitError {
  const text = `the process ${process} runs a module in WebAssembly: its state cannot be read`;
  const hint = 'Look into processes of modules in Lua, such as those of `corral up`.';
  return new KitError('STATE_NOT_LUA', text, { hint, details: { process } });
}
