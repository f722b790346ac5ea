/**
 * Story: a worker crashes in mid answer. The herder waits for its time limit, gives the request to
 * another worker, and the payer gets the answer as if nothing had happened.
 */
import { stripVTControlCharacters } from 'node:util';
import { printedText, startCorral } from '../index.js';

const corral = await startCorral({ listen: false, clock: 'virtual', workers: 2 });
const { network, info } = corral;
const [first = ''] = info.processes.workers;
const user = await corral.spawnUser({ name: 'user', war: 1_000_000n });
network.events.on('evaluated', ({ process, output }) => {
  if (process === info.processes.herder && output) console.log(stripVTControlCharacters(output));
});
network.events.on('error', ({ error }) => {
  const reason = error.text.trim().split('\n').at(-1)?.replace(/^.*: /, '');
  console.log(`! handler "${error.handler}", line ${error.line}: ${reason}`);
});

// The operator owns the workers: this makes the first one fail at its next job.
await network.send({
  from: network.wallet('operator'),
  to: first,
  action: 'Eval',
  data: `Handlers.prepend('crash', 'Inference', function() error('out of memory') end)`,
});
await user.eval('Llama.run("What is a llama?", 20, function(text) ANSWER = text end)');
console.log('... a quarter of an hour passes ...');
await network.clock.advance(15 * 60_000);

const { result } = await user.eval('ANSWER');
console.log(`\nanswer: ${result ? printedText(result)?.trim() : 'none'}`);
await corral.close();
