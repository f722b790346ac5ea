/**
 * Story: the log on Arweave is the truth. A process's memory is thrown away, its log is read back
 * from the gateway and evaluated again, and the same state comes out, bit for bit.
 */
import { startCorral } from '../index.js';

const corral = await startCorral({ listen: false, clock: 'virtual' });
const { network, info } = corral;
const user = await corral.spawnUser({ name: 'user', war: 1_000_000_000n });
for (const topic of ['life', 'llamas', 'Arweave']) {
  await user.eval(`Llama.run("Tell me about ${topic}", 16, function(text) LAST = text end)`);
}
const { war, herder } = info.processes;
const processes = new Map([
  ['wAR', war],
  ['herder', herder],
  ['user', user.id],
]);
for (const [name, id] of processes) {
  const [state, replayed] = [await network.stateHash(id), await network.replay(id)];
  const verdict = state === replayed ? 'the same state' : 'A DIFFERENT STATE';
  console.log(`${name.padEnd(7)} ${state}\nreplay  ${replayed}  ${verdict}`);
}
await corral.close();
