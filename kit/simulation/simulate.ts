/**
 * Simulation runs: random users and faults by seed on copies of a network, checkers that watch, and
 * on failure the seed, the shortest list of actions that still fails in the same way, its trace, and
 * a file that repeats it.
 */
import { KitError } from '../errors.js';
import type { Network } from '../network.js';
import type { Action } from './action.js';
import { checkOptions } from './check-options.js';
import type { Checker } from './checker.js';
import { type Base, onCopy } from './on-copy.js';
import { writeReplay } from './replay-file.js';
import { describeFailure } from './report.js';
import {
  chooseActions,
  type Failure,
  type Run,
  type RunOptions,
  type SimulatedActor,
} from './run.js';
import { shrink } from './shrink.js';

export interface SimulateOptions {
  /** How many (from 1 on), or which. @default 10 */
  readonly seeds?: number | readonly number[];
  /** Turns that actors have in each run. @default 100 */
  readonly steps?: number;
  readonly actors: readonly SimulatedActor[];
  /** Actors that do harm, e.g. `randomFaults()`: as the others, and told apart for readers. */
  readonly faults?: readonly SimulatedActor[];
  readonly checkers: readonly Checker[];
  /** 'manual' to have messages come in the middle of what others set off. @default the network's */
  readonly crank?: Network['crank'];
  /** Milliseconds that pass at the end of a run, when all faults are over. @default an hour */
  readonly settleMs?: number;
  /** Where the file of a failure is written; false for none. @default '.corral/simulation-SEED-HASH.json' */
  readonly file?: string | false;
  /** Most runs that look for a shorter list. @default 300 */
  readonly shrinkTries?: number;
}

export interface SimulationReport {
  readonly runs: readonly {
    readonly seed: number;
    readonly actions: number;
    readonly evaluations: number;
    /** SHA-256 over the states of all processes at the end, and the log of each. */
    readonly hash: string;
  }[];
}

export interface SimulationFailure {
  readonly seed: number;
  readonly failure: Failure;
  /** The shortest list that was found. */
  readonly actions: readonly Action[];
  /** How long the list was at first. */
  readonly firstLength: number;
  /** True if no action can be left out. */
  readonly minimal: boolean;
  readonly file?: string;
}

/** What a simulation that found something throws. */
export class SimulationFailed extends KitError {
  readonly found: SimulationFailure;
  constructor(found: SimulationFailure, text: string) {
    super('SIMULATION_FAILED', text, {
      hint: found.file
        ? `Repeat it: replaySimulation('${found.file}', network, { checkers }).`
        : 'Repeat it with `seeds` set to this seed alone.',
      details: { seed: found.seed, checker: found.failure.checker },
    });
    this.found = found;
  }
}

const HOUR_MS = 3_600_000;

/**
 * Runs every seed on a copy of the network, which itself stays as it is.
 * @throws {SimulationFailed} at the first seed that breaks a rule. {BAD_OPTION}
 */
export async function simulate(
  network: Network,
  options: SimulateOptions,
): Promise<SimulationReport> {
  const seeds = checkOptions(options);
  const runs = [];
  const base = await network.snapshot();
  for (const seed of seeds) {
    const how: RunOptions = {
      seed,
      checkers: options.checkers,
      crank: options.crank ?? network.crank,
      settleMs: options.settleMs ?? HOUR_MS,
    };
    const actors = [...options.actors, ...(options.faults ?? [])];
    const choose = (copy: Network) => chooseActions(copy, seed, options.steps ?? 100, actors);
    const { run, hash } = await onCopy(network, base, choose, how);
    if (run.failure) throw await explain(network, base, run, run.failure, how, options);
    const { actions, evaluations } = run;
    runs.push({ seed, actions: actions.length, evaluations, hash });
  }
  return { runs };
}

/** Finds the shortest list that fails in the same way, and writes it down. */
async function explain(
  network: Network,
  base: Base,
  run: Run,
  failure: Failure,
  how: RunOptions,
  options: SimulateOptions,
): Promise<SimulationFailed> {
  const { seed } = how;
  const fails = async (actions: readonly Action[]) => {
    const again = await onCopy(network, base, () => actions, how);
    return again.run.failure !== undefined && isSame(again.run.failure, failure);
  };
  const shrunk = await shrink(run.actions, fails, options.shrinkTries ?? 300);
  const { items: actions, minimal } = shrunk;
  const { crank, settleMs } = how;
  const file =
    options.file !== false &&
    writeReplay(options.file, { seed, failure, actions, crank, settleMs });
  const found: SimulationFailure = {
    seed,
    failure,
    actions,
    firstLength: run.actions.length,
    minimal,
    ...(file !== false && { file }),
  };
  await using copy = await network.fork(base, { crank });
  return new SimulationFailed(found, await describeFailure(copy, found, how));
}

/** The same rule, by the same code; numbers in the text may differ. */
function isSame(a: Failure, b: Failure): boolean {
  return a.checker === b.checker && a.code === b.code;
}
