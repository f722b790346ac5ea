/** Two processes on a link: whatever a is told to say, b writes down. */
import type { NetworkEvent } from '../../../actors/events.js';
import type { NetworkOptions } from '../../../actors/network.js';
import { printed, startNetwork } from '../kernel-module.js';

const LISTENER = `Heard = {}
  Handlers.add('say', 'Say', function(m) table.insert(Heard, m.Data) end)`;

export async function startPair(options: NetworkOptions = {}) {
  const started = await startNetwork(options);
  const { network, alice, spawn } = started;
  const [a, b] = [await spawn(), await spawn(LISTENER)];
  const faultEvents: Extract<NetworkEvent, { type: 'fault' }>[] = [];
  network.events.on('fault', (event) => faultEvents.push(event));
  return {
    ...started,
    a,
    b,
    faultEvents,
    link: { from: a.id, to: b.id },
    /** Has a say something to b, each by itself. */
    say: (...words: string[]) =>
      a.eval(
        words
          .map((word) => `Send({ Target = '${b.id}', Action = 'Say', Data = '${word}' })`)
          .join('\n'),
      ),
    /** The same said by alice. */
    tell: (word: string) => network.send({ from: alice, to: b.id, action: 'Say', data: word }),
    /** What b has heard; asked so that nothing changes. */
    async heard() {
      const { output } = await b.dryRun({
        Owner: alice.address,
        From: alice.address,
        Tags: [{ name: 'Action', value: 'Eval' }],
        Data: `return table.concat(Heard, ' ')`,
      });
      return printed({ result: { output } });
    },
  };
}
