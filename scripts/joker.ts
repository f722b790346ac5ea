/** Story: the Llama Joker tells a joke on a topic, and pays the herder for it itself. */
import { startCorral } from '../index.js';

const topics = process.argv.length > 2 ? process.argv.slice(2) : ['cats', 'llamas', 'pirates'];

const corral = await startCorral({ listen: false, clock: 'virtual' });
const { network, info } = corral;
const alice = network.wallet('alice');
for (const topic of topics) {
  const { messages } = await network.send({
    from: alice,
    to: info.processes.joker,
    action: 'Joke',
    tags: { Topic: topic },
  });
  const joke = messages.find(({ target }) => target === alice.address);
  const text = joke && Buffer.from(network.gateway.data(joke.id) ?? []).toString();
  console.log(`${topic}: ${text ?? 'the joker stayed silent'}`);
}
await corral.close();
