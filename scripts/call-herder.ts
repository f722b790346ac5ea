/** Story: a process pays the herder in wAR and gets the answer of a llama model. */
import { stripVTControlCharacters } from 'node:util';
import { printedText, startCorral } from '../index.js';

const QUESTION = 'What is the meaning of life?';

const corral = await startCorral({ listen: false, clock: 'virtual' });
corral.network.events.on('evaluated', ({ process, output }) => {
  if (process === corral.info.processes.herder && output)
    console.log(stripVTControlCharacters(output));
});

const user = await corral.spawnUser({ name: 'user', war: 1_000_000_000n });
await user.eval(`Llama.run("${QUESTION}", 20, function(text) ANSWER = text end)`);
const { result } = await user.eval('ANSWER');
console.log(`\n${QUESTION}\n${result ? printedText(result)?.trim() : 'no answer'}`);
await corral.close();
