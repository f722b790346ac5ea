import { afterAll, expect, test } from 'vitest';
import { checkReplay } from '../../../kit/match/replaying.js';
import { setStage } from './stage.js';

const { network, pong } = await setStage();
afterAll(() => network.close());

test('every process of a network, or one, comes to the same state from its log', async () => {
  expect(await checkReplay(network)).toMatchObject({ pass: true });
  expect((await checkReplay(network)).message()).toBe('2 processes replayed to the same state');
  expect((await checkReplay(network, [pong.id])).message()).toBe(
    '1 process replayed to the same state',
  );
});

test('names those that do not', async () => {
  const stateHash = async () => 'another state';
  const changed = { ...network, stateHash, units: network.units };
  const verdict = await checkReplay(changed, [pong.id], network.names);
  expect(verdict.pass).toBe(false);
  expect(verdict.message()).toMatch(
    /^1 of 1 process came .*\n {2}pong {2}is another state, replayed /,
  );
});
