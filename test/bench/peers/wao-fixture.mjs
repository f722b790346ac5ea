/**
 * wao in memory, as its tests use it: a new network, a process and a message with its answer in every
 * test. Argument: tests. Prints one JSON line.
 */
import { AO, acc } from 'wao/test';

const tests = Number(process.argv[2]);
const source = `Handlers.add('add', 'Add', function(msg)
  Count = (Count or 0) + 1
  msg.reply({ Data = tostring(Count) })
end)`;

async function test() {
  const ao = await new AO().init(acc[0]);
  const { pid, err } = await ao.deploy({ src_data: source });
  if (err) throw new Error(`wao could not deploy: ${err}`);
  const answer = await ao.msg({ pid, tags: { Action: 'Add' }, get: true });
  if (answer.err || Number(answer.out) !== 1)
    throw new Error(`wao answered ${JSON.stringify(answer)}`);
}

await test();
const start = performance.now();
for (let done = 0; done < tests; done++) await test();
const millisecondsPerTest = (performance.now() - start) / tests;
console.log(JSON.stringify({ millisecondsPerTest }));
process.exit(0);
