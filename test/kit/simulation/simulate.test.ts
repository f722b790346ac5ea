import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createNetwork, type Network } from '../../../kit/network.js';
import { as } from '../../../kit/read/decoders.js';
import { type Checker, Violation } from '../../../kit/simulation/checker.js';
import { noErrors } from '../../../kit/simulation/checkers/no-errors.js';
import { replayEqual } from '../../../kit/simulation/checkers/replay-equal.js';
import { randomFaults } from '../../../kit/simulation/fault-action.js';
import { readReplay } from '../../../kit/simulation/replay-file.js';
import { replaySimulation } from '../../../kit/simulation/replay-simulation.js';
import type { SimulatedActor } from '../../../kit/simulation/run.js';
import { SimulationFailed, simulate } from '../../../kit/simulation/simulate.js';

const folder = () => mkdtempSync(join(tmpdir(), 'corral-simulation-'));
const program = (name: string) => join(import.meta.dirname, name);

async function createBank(): Promise<Network> {
  const network = await createNetwork();
  const vault = await network.spawn({ file: program('vault.lua'), name: 'vault' });
  const bank = await network.spawn({ file: program('bank.lua'), name: 'bank' });
  await bank.eval(`Vault = '${vault.id}'`);
  return network;
}

const customer = (name: string): SimulatedActor => ({
  name,
  act({ chance }) {
    const action = chance.pick(['Deposit', 'Withdraw']);
    const tags = { Quantity: String(chance.integer(1, 9)) };
    return { kind: 'send', from: name, to: 'bank', action, tags };
  },
});
const customers = [customer('ada'), customer('ben')];

/** Nobody owes the bank anything. */
const solvent: Checker = {
  name: 'no balance is below zero',
  watch: (network) => ({
    async rested() {
      const balances = await network.read('bank', 'Balances', as.record(as.integer));
      for (const [who, balance] of Object.entries(balances)) {
        if (balance >= 0n) continue;
        throw new Violation(`${network.names.get(who)} has ${balance}`);
      }
    },
  }),
};

async function failureOf(simulation: Promise<unknown>): Promise<SimulationFailed> {
  const failed = await simulation.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failed instanceof SimulationFailed) return failed;
  throw failed ?? new Error('nothing failed');
}

describe('a simulation that finds nothing', () => {
  test('runs every seed on a copy, with the same hash each time', async () => {
    await using network = await createBank();
    const before = await network.stateHash('bank');
    const options = {
      seeds: 3,
      steps: 40,
      actors: customers,
      checkers: [noErrors(), replayEqual()],
    };
    const first = await simulate(network, options);
    expect(first.runs.map(({ seed }) => seed)).toEqual([1, 2, 3]);
    expect(new Set(first.runs.map(({ hash }) => hash)).size).toBe(3);
    expect(first.runs.every(({ evaluations }) => evaluations >= 40)).toBe(true);
    expect(await simulate(network, options)).toEqual(first);
    expect(await network.stateHash('bank')).toBe(before);
  });

  test('comes to the same hash again under faults', async () => {
    await using network = await createBank();
    const options = {
      seeds: [5, 6],
      steps: 60,
      actors: customers,
      faults: [randomFaults({ targets: ['bank', 'cu'] })],
      checkers: [replayEqual()],
    };
    expect(await simulate(network, options)).toEqual(await simulate(network, options));
  });
});

describe('a simulation that finds a defect', () => {
  const crank = 'manual' as const;
  const overdraw = { seeds: 20, steps: 60, actors: customers, checkers: [solvent], crank };

  test('tells the seed, the shortest list that still fails, and its trace', async () => {
    await using network = await createBank();
    const file = join(folder(), 'found.json');
    const { found, message } = await failureOf(simulate(network, { ...overdraw, file }));
    expect(found.failure.checker).toBe('no balance is below zero');
    // A deposit, two withdrawals before the vault has answered the first, and the deliveries.
    const sent = found.actions.filter(({ kind }) => kind === 'send');
    expect(sent.at(-1)).toMatchObject({ action: 'Withdraw' });
    expect(sent.length).toBeLessThanOrEqual(6);
    expect(found.minimal).toBe(true);
    expect(found.firstLength).toBeGreaterThan(found.actions.length);
    expect(message).toContain(`seed ${found.seed} breaks "no balance is below zero": `);
    expect(message).toContain('actions are enough:');
    expect(message).toMatch(/^ +\d+ (ada|ben) -> bank {2}Withdraw Quantity=\d$/m);
    expect(message).toContain('Pay');
  });

  test('writes a file that repeats it, on the network as it was', async () => {
    await using network = await createBank();
    const file = join(folder(), 'deep', 'found.json');
    const { found } = await failureOf(simulate(network, { ...overdraw, file }));
    expect(readReplay(file)).toEqual({
      seed: found.seed,
      failure: found.failure,
      actions: found.actions,
      crank: 'manual',
      settleMs: 3_600_000,
    });
    const again = await replaySimulation(file, network, { checkers: [solvent] });
    expect(again).toEqual({ reproduced: true, failure: found.failure });
    await network.eval('bank', `Handlers.remove('withdraw')`);
    const mended = await replaySimulation(file, network, { checkers: [solvent] });
    expect(mended).toEqual({ reproduced: false });
  });

  test('finds what only faults bring to light: a payment that is told twice', async () => {
    await using network = await createBank();
    const options = {
      seeds: 5,
      steps: 40,
      actors: customers,
      checkers: [solvent],
      file: false as const,
    };
    await simulate(network, options);
    const faults = [
      randomFaults({ kinds: ['duplicate'], links: [{ to: 'bank', action: 'Paid' }] }),
    ];
    const { found, message } = await failureOf(simulate(network, { ...options, faults }));
    const kinds = found.actions.map((action) => ('action' in action ? action.action : action.kind));
    expect(kinds.sort()).toEqual(['Deposit', 'Withdraw', 'duplicate']);
    expect(message).toContain('3 of ');
  });

  test('takes an action that is refused for a failure of the run', async () => {
    await using network = await createBank();
    const lost: SimulatedActor = {
      name: 'lost',
      act: () => ({ kind: 'send', from: 'ada', to: 'nobody', action: 'Hello' }),
    };
    const options = { seeds: 1, actors: [lost], checkers: [], file: false as const };
    const { found } = await failureOf(simulate(network, options));
    expect(found).toMatchObject({ failure: { checker: 'action', code: 'UNKNOWN_NAME' } });
    expect(found.actions).toHaveLength(1);
  });
});

describe('a failure without a file of its own', () => {
  test('has one by what is in it: two have two, the same has the same', async () => {
    await using network = await createBank();
    const here = process.cwd();
    process.chdir(folder());
    try {
      const fileOf = async (to: string) => {
        const act = () => ({ kind: 'send', from: 'ada', to }) as const;
        const options = { seeds: 1, actors: [{ name: 'lost', act }], checkers: [] };
        return (await failureOf(simulate(network, options))).found.file ?? '';
      };
      const [first, second, again] = [await fileOf('a'), await fileOf('b'), await fileOf('a')];
      expect(first).toMatch(/^\.corral\/simulation-1-[0-9a-f]{8}\.json$/);
      expect(second).not.toBe(first);
      expect(again).toBe(first);
      expect(readReplay(first).actions).toMatchObject([{ to: 'a' }]);
      expect(readReplay(second).actions).toMatchObject([{ to: 'b' }]);
    } finally {
      process.chdir(here);
    }
  });

  test('reads like a sentence, with names', async () => {
    await using network = await createBank();
    const [bank, ada] = [network.idOf('bank'), network.wallet('ada').address];
    const tags = { Quantity: 'much', Recipient: ada };
    const act = () => ({ kind: 'send', from: 'ada', to: bank, action: 'Deposit', tags }) as const;
    const actors = [{ name: 'ada', act }];
    const options = { seeds: 1, steps: 1, actors, checkers: [noErrors()], file: false as const };
    const { message } = await failureOf(simulate(network, options));
    expect(message.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(
        /^seed 1 breaks "no message fails": bank: error in handler "deposit": /,
      ),
      '1 of 1 actions are enough:',
      '   0 ada -> bank  Deposit Quantity=much Recipient=ada',
    ]);
  });
});

describe('what is refused', () => {
  test.each<[string, unknown]>([
    ['"x" wants the kind "crsh"', { kind: 'crsh', target: 'cu' }],
    ['"x" wants the kind undefined', {}],
    ['"x" wants send without to', { kind: 'send', from: 'ada' }],
    [
      '"x" wants send with to as an object with id, name',
      { kind: 'send', from: 'ada', to: { id: 'b', name: 'n' } },
    ],
    [
      '"x" wants send with the tag Q as 3',
      { kind: 'send', from: 'ada', to: 'bank', tags: { Q: 3 } },
    ],
    ['"x" wants advance with ms as "1h"', { kind: 'advance', ms: '1h' }],
  ])('a deed: %s', async (message, deed) => {
    await using network = await createBank();
    const actors = [{ name: 'x', act: () => deed as never }];
    await expect(simulate(network, { seeds: 1, actors, checkers: [] })).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: `the actor ${message}`,
    });
  });

  test.each([
    [{ kinds: ['crsh'] }, '"crsh" is no kind of randomFaults'],
    [{ kinds: [] }, 'kinds of randomFaults is a list of 0'],
    [{ kind: ['crash'] }, 'randomFaults has no option kind'],
  ])('random faults %j', (options, message) => {
    expect(() => randomFaults(options as never)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTION', message }),
    );
  });

  test('no seeds, no actors', async () => {
    await using network = await createNetwork();
    const checkers: Checker[] = [];
    await expect(
      simulate(network, { seeds: 0, actors: customers, checkers }),
    ).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: 'seeds is 0',
    });
    await expect(simulate(network, { actors: [], checkers })).rejects.toMatchObject({
      code: 'BAD_OPTION',
    });
  });

  const named = (name: unknown) => ({ ...customer('ada'), name }) as SimulatedActor;
  test.each([
    ['seeds', []],
    ['seeds', -1],
    ['seeds', 1.5],
    ['seeds', '3'],
    ['seeds[1]', [1, 1.5], 'seeds'],
    ['seeds[0]', ['x'], 'seeds'],
    ['seeds[0]', [Number.NaN], 'seeds'],
    ['steps', Number.NaN],
    ['steps', -5],
    ['steps', 0],
    ['steps', 2.5],
    ['steps', '10'],
    ['settleMs', Number.NaN],
    ['settleMs', -1],
    ['shrinkTries', Number.POSITIVE_INFINITY],
    ['crank', 'hand'],
    ['file', true],
    ['actors', undefined],
    ['actors[0]', [undefined], 'actors'],
    ['actors[0]', [named(3)], 'actors'],
    ['actors[1].weight', [customer('ada'), { ...customer('ben'), weight: Number.NaN }], 'actors'],
    ['faults', randomFaults({ targets: ['cu'] })],
    ['checkers', undefined],
    ['checkers', solvent],
    ['checkers[0]', [noErrors], 'checkers'],
    ['checkers[1]', [solvent, { name: 'x' }], 'checkers'],
  ])('%s: %j', async (what, value, option = what) => {
    await using network = await createNetwork();
    const options = { actors: customers, checkers: [solvent], [option]: value };
    await expect(simulate(network, options as never)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: expect.stringContaining(`${what} is `),
      hint: expect.stringMatching(/./),
    });
  });

  test('an option that there is not', async () => {
    await using network = await createNetwork();
    const options = { actors: customers, checkers: [solvent], step: 3 };
    await expect(simulate(network, options)).rejects.toMatchObject({
      code: 'BAD_OPTION',
      message: 'simulate has no option step',
    });
  });

  test('to repeat a run without checkers', async () => {
    await using network = await createNetwork();
    const replaying = replaySimulation('x.json', network, {} as never);
    await expect(replaying).rejects.toMatchObject({ code: 'BAD_OPTION' });
  });

  test('a file that is none, or of another version', () => {
    const file = join(folder(), 'x.json');
    const read = () => readReplay(file);
    expect(read).toThrow('cannot read');
    writeFileSync(file, 'x');
    expect(read).toThrow('it is no JSON');
    writeFileSync(file, '{"format":"other"}');
    expect(read).toThrow('its format is another one');
    writeFileSync(file, '{"format":"corral-simulation","version":2}');
    expect(read).toThrow('its version is 2, not 1');
    writeFileSync(file, '{"format":"corral-simulation","version":1,"seed":1}');
    expect(read).toThrow('fields of it are missing');
    expect(readFileSync(file, 'utf8')).toContain('seed');
  });
});
