import { describe, expect, test } from 'vitest';
import { printed, startNetwork } from '../kernel-module.js';

describe('processes beyond the machines that may live', () => {
  test('hibernate and go on as if nothing had happened', async () => {
    const small = await startNetwork({ limits: { liveMachines: 2 } });
    const large = await startNetwork();
    const hashes = await Promise.all(
      [small, large].map(async ({ network, spawn }) => {
        const processes = [];
        for (let i = 0; i < 5; i++) processes.push(await spawn(`Count = ${i}`));
        for (let round = 0; round < 3; round++) {
          for (const process of processes) await process.eval('Count = Count + 1');
          await processes[round]?.eval('Count = 0; error("no")');
        }
        const counts = [];
        for (const process of processes) counts.push(printed(await process.eval('Count')));
        expect(counts).toEqual(['3', '4', '5', '6', '7']);
        return Promise.all(processes.map(({ id }) => network.stateHash(id)));
      }),
    );
    expect(hashes[0]).toEqual(hashes[1]);
    await small.network.close();
    await large.network.close();
  });
});
