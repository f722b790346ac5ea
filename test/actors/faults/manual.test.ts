/** A crank that is turned by hand: one delivery at a time, and the same network in the end. */
import { describe, expect, test } from 'vitest';
import { startNetwork } from '../kernel-module.js';

const PONG = `Handlers.add('ping', 'Ping', function(m) m.reply({ Action = 'Pong', Data = 'pong' }) end)`;

describe('a crank that is turned by hand', () => {
  test('delivers what came from outside, and what it caused, one at a time', async () => {
    const { network, alice, module } = await startNetwork({ crank: 'manual' });
    const pong = await network.spawn({ from: alice, module, tags: { Name: 'pong' } });
    expect(pong.name).toBe('pong');
    expect(pong.spawned).toMatchObject({ pending: 1, tree: { undelivered: 'step' } });
    expect(pong.spawned.assignment).toBeUndefined();
    const eval1 = await pong.eval(PONG);
    expect(network.pendingDeliveries()).toMatchObject([
      { id: pong.id, kind: 'spawn', from: alice.address, reason: 'step' },
      { id: eval1.id, kind: 'message', from: alice.address, to: pong.id, action: 'Eval' },
    ]);
    expect(await network.step()).toBe(pong.spawned.tree);
    expect(pong.spawned).toMatchObject({ pending: 0, assignment: { nonce: 0 } });
    expect(pong.spawned.tree.undelivered).toBeUndefined();
    await network.step();
    expect(eval1.result?.error).toBeUndefined();

    const sent = await network.send({ from: alice, to: pong.id, action: 'Ping' });
    expect(await network.step()).toMatchObject({ id: sent.id, nonce: 2 });
    expect(sent).toMatchObject({ pending: 1, messages: [] });
    const [reply] = network.pendingDeliveries();
    expect(reply).toMatchObject({
      from: pong.id,
      to: alice.address,
      action: 'Pong',
      cause: sent.id,
    });
    expect(await network.step()).toMatchObject({ id: reply?.id, target: alice.address });
    expect(sent.messages.map(({ action }) => action)).toEqual(['Pong']);
    expect(sent.pending).toBe(0);
    expect(await network.step()).toBeUndefined();
    expect(await network.replay(pong.id)).toBe(await network.stateHash(pong.id));
    await network.close();
  });

  test('ends where one that turns by itself ends: same ids, logs and states', async () => {
    const play = async (crank: 'auto' | 'manual') => {
      const { network, alice, module } = await startNetwork({ crank, seed: 5 });
      const turn = async () => {
        for await (const delivery of network.deliveries()) expect(delivery.faults).toEqual([]);
      };
      const a = await network.spawn({ from: alice, module });
      await turn();
      const b = await network.spawn({ from: alice, module });
      await turn();
      await b.eval(`${PONG}
        Handlers.add('fan', 'Fan', function(m) print(m.Id) end)`);
      await turn();
      const family = await a.eval(`
        Handlers.add('fan', 'Fan', function(m) Fans = (Fans or 0) + 1 end)
        Handlers.add('child', 'Spawned', function(m)
          Send({ Target = m.Process, Action = 'Eval', Data = 'return 1' }) end)
        Spawn('${module}', { Tags = { Authority = ao.authorities[1] } })
        Send({ Target = '${b.id}', Action = 'Ping' })
        Send({ Target = '${b.id}', Action = 'Fan', Assignments = { ao.id } })
        Assign({ Processes = { ao.id, '${b.id}' }, Message = '${a.id}' })
        Send({ Target = '${b.id}', Action = 'Ping' })`);
      await turn();
      const { tree, messages, errors, pending } = family;
      const ids = messages.map(({ id, cause, nonce, kind }) => [id, cause, nonce, kind]);
      const hashes = [await network.stateHash(a.id), await network.stateHash(b.id)];
      await network.close();
      return { root: tree.id, ids, errors, pending, hashes };
    };
    const [auto, manual] = [await play('auto'), await play('manual')];
    expect(manual).toEqual(auto);
    expect(auto.errors).toHaveLength(1); // b was given a's Process item, a had it
    expect(auto.ids.length).toBeGreaterThan(8);
  });
});
