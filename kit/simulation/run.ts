/**
 * One run of a simulation: actions are done one after another on a network, and checkers watch. The
 * actions come from actors, by chance, or from a list that was kept of an earlier run.
 */
import type { Evaluation } from '../../actors/compute/evaluation.js';
import { KitError } from '../errors.js';
import type { Network } from '../network.js';
import { type Action, type Deed, perform } from './action.js';
import { checkDeed } from './check-deed.js';
import type { Checker, Watch } from './checker.js';
import { type Chance, createChance } from './random.js';

/** What an actor may look at. It must not change the network: what it wants done, it returns. */
export interface Stage {
  readonly network: Network;
  readonly chance: Chance;
  /** Number of this step, from 0. */
  readonly step: number;
}

export interface SimulatedActor {
  readonly name: string;
  /** How often it is its turn, beside the others. @default 1 */
  readonly weight?: number;
  /** What it does now; nothing if it does not want to. */
  act(
    stage: Stage,
  ): Deed | readonly Deed[] | undefined | Promise<Deed | readonly Deed[] | undefined>;
}

export interface Run {
  /** What was done, up to and with what failed. */
  readonly actions: readonly Action[];
  readonly evaluations: number;
  readonly failure?: Failure;
}

export interface Failure {
  /** Name of the checker, or `action` if an action itself was refused. */
  readonly checker: string;
  readonly text: string;
  /** Code of the error, if it has one. */
  readonly code?: string;
}

export interface RunOptions {
  readonly seed: number;
  readonly checkers: readonly Checker[];
  /** With a manual one, messages come in the middle of what others set off. */
  readonly crank: Network['crank'];
  /** Time that passes at the end, when all faults are cleared: what waits for a timeout ends. */
  readonly settleMs: number;
}

/** Actions by their actors' turns, which follow from the seed. */
export async function* chooseActions(
  network: Network,
  seed: number,
  steps: number,
  actors: readonly SimulatedActor[],
): AsyncGenerator<Action> {
  const weights = actors.map(({ weight = 1 }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) throw noActors();
  let number = 0;
  for (let step = 0; step < steps; step++) {
    const turn = createChance(seed, `turn:${step}`);
    const actor = actors[placeOf(turn.integer(0, WEIGHT_PARTS) / WEIGHT_PARTS, weights, total)];
    if (!actor) continue;
    const chance = createChance(seed, `act:${step}:${actor.name}`);
    const deeds = (await actInReach(actor, { network, chance, step })) ?? [];
    for (const deed of Array.isArray(deeds) ? deeds : [deeds]) {
      checkDeed(actor.name, deed);
      yield { ...deed, actor: actor.name, number: number++ };
    }
    if (network.crank === 'manual') {
      yield { kind: 'steps', count: turn.integer(0, STEPS_MAX), actor: 'crank', number: number++ };
    }
  }
}

/** Who looks at a process that is down, or sends while the messenger unit is, does nothing this time. */
async function actInReach(actor: SimulatedActor, stage: Stage) {
  try {
    return await actor.act(stage);
  } catch (error) {
    if (isOutOfReach(error)) return undefined;
    throw error;
  }
}

const OUT_OF_REACH: ReadonlySet<unknown> = new Set(['UNIT_DOWN', 'PROCESS_DOWN', 'UNIT_BUSY']);

function isOutOfReach(error: unknown): boolean {
  return OUT_OF_REACH.has((error as { code?: unknown } | null)?.code);
}

const WEIGHT_PARTS = 1_000_000;

/** Most deliveries between two actions with a manual crank: others come in the middle of things. */
const STEPS_MAX = 8;

function placeOf(part: number, weights: readonly number[], total: number): number {
  let left = part * total;
  const place = weights.findIndex((weight) => {
    left -= weight;
    return left <= 0 && weight > 0;
  });
  return place < 0 ? weights.length - 1 : place;
}

/** Does the actions; the first violation ends the run. */
export async function runActions(
  network: Network,
  source: Iterable<Action> | AsyncIterable<Action>,
  options: RunOptions,
): Promise<Run> {
  const actions: Action[] = [];
  const watched = await watchAll(network, options.checkers);
  try {
    for await (const action of source) {
      actions.push(action);
      await attemptAction(network, options.seed, action, watched);
      await watched.rest();
    }
    await settle(network, options.settleMs, watched);
    await watched.end();
    return { actions, evaluations: watched.evaluations };
  } catch (error) {
    if (!(error instanceof RunFailed)) throw error;
    return { actions, evaluations: watched.evaluations, failure: error.failure };
  } finally {
    watched.stop();
  }
}

/** An action that is refused ends the run, too: an actor must not ask for what cannot be. */
async function attemptAction(network: Network, seed: number, action: Action, watched: Watched) {
  try {
    if (action.kind !== 'steps') return await perform(network, seed, action);
    for (let left = action.count; left > 0 && (await network.step()); left--) await watched.rest();
  } catch (error) {
    if (isOutOfReach(error)) return; // as for any client: it was not taken
    throw error instanceof RunFailed ? error : new RunFailed('action', error);
  }
}

/** Clears the faults, and lets everything that waits happen. */
async function settle(network: Network, settleMs: number, watched: Watched): Promise<void> {
  await network.faults.clear();
  await drain(network, watched);
  if (settleMs > 0) await network.clock.advance(settleMs);
  await drain(network, watched);
  await watched.rest();
}

async function drain(network: Network, watched: Watched): Promise<void> {
  while (network.crank === 'manual' && (await network.step())) await watched.rest();
}

interface Watched {
  readonly evaluations: number;
  rest(): Promise<void>;
  end(): Promise<void>;
  stop(): void;
}

async function watchAll(network: Network, checkers: readonly Checker[]): Promise<Watched> {
  const watches: { readonly name: string; readonly watch: Watch }[] = [];
  for (const checker of checkers) {
    watches.push({ name: checker.name, watch: await checker.watch(network) });
  }
  let evaluations = 0;
  let failed: RunFailed | undefined;
  const stop = network.events.on('evaluated', ({ process }) => {
    evaluations++;
    const evaluation: Evaluation | undefined = network.units.compute.evaluations(process).at(-1);
    if (!evaluation || failed) return;
    for (const { name, watch } of watches) {
      try {
        watch.evaluated?.(evaluation);
      } catch (error) {
        failed ??= new RunFailed(name, error);
      }
    }
  });
  const each = async (call: (watch: Watch) => void | Promise<void>) => {
    for (const { name, watch } of watches) {
      if (failed) throw failed;
      try {
        await call(watch);
      } catch (error) {
        if (!isOutOfReach(error)) throw new RunFailed(name, error); // else it is looked at later
      }
    }
    if (failed) throw failed;
  };
  return {
    get evaluations() {
      return evaluations;
    },
    rest: () => each((watch) => watch.rested?.()),
    end: () => each((watch) => watch.ended?.()),
    stop,
  };
}

/** On its way to the end of the run. */
class RunFailed extends Error {
  readonly failure: Failure;
  constructor(checker: string, cause: unknown) {
    const text = cause instanceof Error ? cause.message : String(cause);
    super(text, { cause });
    const { code } = (cause ?? {}) as { code?: unknown };
    this.failure = { checker, text, ...(typeof code === 'string' && { code }) };
  }
}

function noActors(): KitError {
  return new KitError('BAD_OPTION', 'a simulation has no actor that ever acts', {
    hint: 'Give `actors`, and at least one with a weight above 0.',
  });
}
