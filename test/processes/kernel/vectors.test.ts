/** Every recorded sequence of the reference module, on Corral's Lua machine and on the system's 5.3. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIFFERENCES, type Difference, UNRECORDED } from './differences.js';
import { machineSubject, type Subject, systemSubject } from './subject.js';
import { play, readVectors, type Vector } from './vectors.js';

const vectors = readVectors();
const LUA53 = ['lua5.3', 'lua53'].find((name) => spawnSync(name, ['-v']).status === 0);

function check(vector: Vector, subject: Subject, differences: readonly Difference[]): void {
  const outcomes = play(vector, subject);
  const listed = differences.filter((difference) => difference.vector === vector.name);
  if (outcomes === undefined || listed.some(({ steps }) => steps === undefined)) {
    expect(listed, 'no reason listed for leaving it out').not.toEqual([]);
    expect(outcomes?.every(({ expected, actual }) => expected === actual) ?? false).toBe(false);
    return;
  }
  outcomes.forEach(({ expected, actual }, step) => {
    const difference = listed.find(({ steps }) => steps?.includes(step));
    if (difference === undefined) expect(actual, `step ${step}`).toBe(expected);
    else expect(actual, `step ${step} no longer differs`).not.toBe(expected);
  });
}

it('has a difference for no vector but those of the reference module', () => {
  const names = new Set(vectors.map(({ name }) => name));
  expect(DIFFERENCES.filter(({ vector }) => !names.has(vector))).toEqual([]);
});

const FIDELITY = new URL('../../../docs/FIDELITY.md', import.meta.url);

it.skipIf(!existsSync(FIDELITY))('has every difference told in docs/FIDELITY.md', () => {
  const document = readFileSync(FIDELITY, 'utf8').replace(/\s+/g, ' ');
  const reasons = [...DIFFERENCES, ...UNRECORDED].map(({ reason }) => reason);
  expect(reasons.filter((reason) => !document.includes(reason))).toEqual([]);
});

describe('on the Lua machine', () => {
  const subject = machineSubject();
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    check(vector, subject, DIFFERENCES);
  });
});

// AO's own Lua: the same files must run there. Needs a `lua5.3` on the path.
describe.skipIf(LUA53 === undefined)('on Lua 5.3 of the system', () => {
  const subject = systemSubject(LUA53 ?? '');
  const differences = DIFFERENCES.filter(({ kind }) => kind !== 'dialect');
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_name, vector) => {
    check(vector, subject, differences);
  });
});
