/**
 * What a simulation is asked to do, checked before anything runs: a simulation that ran
 * nothing would say that all is well.
 */
import { KitError, show } from '../errors.js';
import type { SimulateOptions } from './simulate.js';

const NAMES: Record<keyof SimulateOptions, true> = {
  seeds: true,
  steps: true,
  actors: true,
  faults: true,
  checkers: true,
  crank: true,
  settleMs: true,
  file: true,
  shrinkTries: true,
};

/** @returns the seeds to run @throws {BAD_OPTION} */
export function checkOptions(options: SimulateOptions): readonly number[] {
  const odd = Object.keys(options).find((name) => !(name in NAMES));
  if (odd !== undefined) {
    throw new KitError('BAD_OPTION', `simulate has no option ${odd}`, {
      hint: `It has ${Object.keys(NAMES).join(', ')}.`,
      details: { option: odd },
    });
  }
  const { steps, settleMs, shrinkTries, crank, file } = options;
  checkNumber('steps', steps, 1);
  checkNumber('settleMs', settleMs, 0);
  checkNumber('shrinkTries', shrinkTries, 0);
  if (crank !== undefined && crank !== 'auto' && crank !== 'manual') {
    throw refuse('crank', crank, "Give 'auto' or 'manual'.");
  }
  if (file !== undefined && file !== false && (typeof file !== 'string' || file === '')) {
    throw refuse('file', file, 'Give the path of a file, or false for none.');
  }
  checkActors('actors', options.actors);
  if (options.faults !== undefined) checkActors('faults', options.faults);
  checkCheckers(options.checkers);
  return seedsOf(options.seeds);
}

/** Also of who repeats a run from its file. @throws {BAD_OPTION} */
export function checkCheckers(checkers: unknown): void {
  const hint = 'Give a list of checkers, e.g. [warConserved(), noErrors()].';
  if (!Array.isArray(checkers)) throw refuse('checkers', checkers, hint);
  checkEach('checkers', checkers, 'watch', 'A checker is { name, watch(network) }.');
}

function checkActors(option: string, actors: unknown): void {
  const hint = 'An actor is { name, act(stage) }, with a weight from 0 if it has one.';
  if (!Array.isArray(actors)) throw refuse(option, actors, `Give a list of actors. ${hint}`);
  checkEach(option, actors, 'act', hint);
  for (const [index, { weight }] of (actors as { weight?: unknown }[]).entries()) {
    if (weight === undefined || (Number.isFinite(weight) && (weight as number) >= 0)) continue;
    throw refuse(`${option}[${index}].weight`, weight, hint);
  }
}

/** Every one has a name, and does what it is called for. */
function checkEach(option: string, list: readonly unknown[], method: string, hint: string): void {
  for (const [index, one] of list.entries()) {
    const fields = (one ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof fields.name === 'string' && typeof fields[method] === 'function') continue;
    throw refuse(`${option}[${index}]`, one, hint);
  }
}

function checkNumber(option: string, value: unknown, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= least)) return;
  throw refuse(option, value, `Give a whole number from ${least}.`);
}

function seedsOf(seeds: SimulateOptions['seeds'] = 10): readonly number[] {
  const hint = 'Give how many seeds to run, from 1, or a list of seeds, whole numbers.';
  if (Array.isArray(seeds)) {
    if (seeds.length === 0) throw refuse('seeds', seeds, hint);
    const odd = seeds.findIndex((seed) => !Number.isSafeInteger(seed));
    if (odd >= 0) throw refuse(`seeds[${odd}]`, seeds[odd], hint);
    return seeds as readonly number[];
  }
  if (Number.isSafeInteger(seeds) && (seeds as number) > 0) {
    return Array.from({ length: seeds as number }, (_, index) => index + 1);
  }
  throw refuse('seeds', seeds, hint);
}

function refuse(option: string, value: unknown, hint: string): KitError {
  return new KitError('BAD_OPTION', `${option} is ${show(value)}`, {
    hint,
    details: { option, value },
  });
}
