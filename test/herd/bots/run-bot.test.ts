import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { runBot } from '../../../herd/bots/run-bot.js';

test('a duty that takes long holds up no other, and is not done twice at once', async () => {
  const events = new EventEmitter();
  const done = { long: 0, short: 0 };
  const bot = runBot({
    duties: [
      async () => {
        done.long += 1;
        await once(events, 'finish');
        return true;
      },
      async () => {
        done.short += 1;
        events.emit('short');
        return false;
      },
    ],
  });
  for (let wakes = 0; wakes < 3; wakes++) {
    const short = once(events, 'short');
    bot.wake();
    await short;
  }
  expect(done).toEqual({ long: 1, short: 3 });
  const stopped = bot.stop();
  events.emit('finish');
  await stopped;
  expect(done.long).toBe(1);
});
