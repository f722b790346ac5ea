/** The herd under random users and faults: what must hold, holds. */
import { beforeAll, describe, expect, test } from 'vitest';
import { bootHerd, type Herd, spawnUser } from '../../../herd/herd.js';
import { publishModules } from '../../../herd/modules.js';
import { createNetwork, type Network } from '../../../kit/network.js';
import { answeredOrRefunded } from '../../../kit/simulation/checkers/answered-or-refunded.js';
import { noDoubleBooking } from '../../../kit/simulation/checkers/no-double-booking.js';
import { queueSorted } from '../../../kit/simulation/checkers/queue-sorted.js';
import { replayEqual } from '../../../kit/simulation/checkers/replay-equal.js';
import { warConserved } from '../../../kit/simulation/checkers/war-conserved.js';
import { randomFaults } from '../../../kit/simulation/fault-action.js';
import { createModelledEngine } from '../../../kit/simulation/modelled-engine.js';
import type { SimulatedActor } from '../../../kit/simulation/run.js';
import { SimulationFailed, simulate } from '../../../kit/simulation/simulate.js';

/** Processes with the client package. */
const USERS = ['ada', 'ben', 'cleo'];
const WAR = 1_000_000_000_000n;

const invariants = [
  warConserved(),
  answeredOrRefunded(),
  queueSorted(),
  noDoubleBooking(),
  replayEqual(),
];

const asker = (name: string): SimulatedActor => ({
  name,
  weight: 3,
  act({ chance }) {
    const prompt = `What does ${chance.letters(5)} mean?`;
    const options = chance.chance(0.3) ? `{ Multiplier = ${chance.integer(1, 6) / 2} }` : 'nil';
    return {
      kind: 'eval',
      process: name,
      code: `Llama.run('${prompt}', ${chance.integer(1, 20)}, function() end, ${options})`,
    };
  },
});

const time: SimulatedActor = {
  name: 'time',
  act: ({ chance }) => ({ kind: 'advance', ms: chance.integer(1, 90_000) }),
};

const actors = [...USERS.map(asker), time];

let network: Network;
let herd: Herd;

beforeAll(async () => {
  network = await createNetwork({ localDevices: [createModelledEngine({ seed: 1 })] });
  const modules = publishModules(network);
  herd = await bootHerd(network, modules, { workers: 2 });
  const { herder, workers } = herd.processes;
  // Modelled answers are not claimed, so nobody judges them.
  for (const process of [herder, ...workers]) {
    await network.eval(
      process,
      'if Herder then Herder.arbiter = nil else Worker.arbiter = nil end',
    );
  }
  for (const name of USERS) {
    await spawnUser(network, modules.module, { name, from: network.wallet('people'), war: WAR });
  }
  return () => network.close();
});

describe('a herd with two workers and three users', () => {
  test('keeps its rules while messages come in the middle of one another', async () => {
    const report = await simulate(network, {
      seeds: 2,
      steps: 40,
      crank: 'manual',
      actors,
      checkers: invariants,
      file: false,
    });
    for (const { evaluations } of report.runs) expect(evaluations).toBeGreaterThan(150);
  });

  test('keeps them under delays, repetitions, disorder and crashes', async () => {
    const report = await simulate(network, {
      seeds: 3,
      steps: 40,
      crank: 'manual',
      actors,
      faults: [
        randomFaults({
          targets: ['cu', herd.processes.herder, ...herd.processes.workers],
          delayMs: 120_000,
          weight: 3,
        }),
      ],
      checkers: invariants,
      file: false,
    });
    for (const { evaluations } of report.runs) expect(evaluations).toBeGreaterThan(100);
  });

  test('a herder that pays twice is found out', async () => {
    const broken = await network.fork();
    const { herder } = herd.processes;
    await broken.eval(
      herder,
      `
      local reply = ao.send
      ao.send = function(message)
        if message.Action == 'Inference-Response' then reply(message) end
        return reply(message)
      end`,
    );
    const options = { seeds: 3, steps: 20, actors, checkers: invariants };
    const failed = await simulate(broken, { ...options, file: false }).catch((error) => error);
    expect(failed).toBeInstanceOf(SimulationFailed);
    expect(failed.found.failure.checker).toBe('every request is answered or refunded once');
    expect(failed.found.actions).toHaveLength(1);
    await broken.close();
  });
});
