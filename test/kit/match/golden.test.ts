import { expect, test } from 'vitest';
import { goldenTrace } from '../../../kit/match/golden.js';
import { subjectOf } from '../../../kit/match/subject.js';
import { createNetwork } from '../../../kit/network.js';
import { setStage } from './stage.js';

test('a golden trace has names for ids, and no lines of a program', async () => {
  const { network, receipt } = await setStage();
  expect(`\n${goldenTrace(subjectOf(receipt), { tags: true, data: true })}\n`).toBe(`
alice -> pong  Ping
│ tags Other=boom
│ data "hi"
│ > got hi
│ not sent: a message has the number 12 as its target [UNSENDABLE_MESSAGE]
│   Target is the 43 characters of a process id or of a wallet address.
├─ pong -> alice  Pong
│    tags Count=3, Recipient=alice
│    data {"list":[1,2],"said":"hi"}
└─ pong -> boom  Boom
     data "from pong"
     error in handler "boom": attempt to index a nil value (local 'none')
`);
  await network.close();
});

test('ids without a name are numbered, the same one everywhere', async () => {
  const network = await createNetwork();
  const source = `Handlers.add('a', 'A', function(msg)
    print(ao.id .. ' got ' .. msg.Id)
    Send({ Target = ao.id, Action = 'B', Data = msg.Id, Other = string.rep('x', 43) })
  end)`;
  const process = await network.spawn({ source });
  const receipt = await process.send({ from: 'alice', action: 'A' });
  expect(`\n${goldenTrace(subjectOf(receipt), { tags: true, data: true })}\n`).toBe(`
alice -> id-1  A
│ > id-1 got message-1
└─ id-1 -> id-1  B
     tags Other=id-2
     data "message-1"
     > New Message From id-1: Action = B
`);
  await network.close();
});

test('the same on networks of different seeds', async () => {
  const traces = [1, 2].map(async (seed) => {
    const network = await createNetwork({ seed });
    const one = await network.spawn({ name: 'one', source: 'print(ao.id .. " " .. Owner)' });
    const trace = goldenTrace(subjectOf(one.spawned));
    await network.close();
    return trace;
  });
  const [first, second] = await Promise.all(traces);
  expect(first).toContain('owner spawns one');
  expect(second).toBe(first);
});
