import { expect, test } from 'vitest';
import { followConsequences } from '../../cli/consequences.js';
import { Interrupted } from '../../cli/interrupt.js';
import type { NetworkEvent } from '../../index.js';

/** A feed that tells what the test tells. */
function feedOfEvents() {
  const listeners = new Set<(event: NetworkEvent) => void>();
  return {
    tell: (event: NetworkEvent) => {
      for (const listener of listeners) listener(event);
    },
    listeners,
    feed: {
      listen: (listener: (event: NetworkEvent) => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      ended: new Promise<void>(() => undefined),
      close: () => undefined,
    },
  };
}

const evaluated = (message: string, messages: number): NetworkEvent => ({
  type: 'evaluated',
  gas: 0,
  process: 'p',
  message,
  nonce: 1,
  print: false,
  messages,
  spawns: 0,
});
const sent = (message: string, cause: string, delivered = true): NetworkEvent => ({
  type: 'sent',
  message,
  from: 'p',
  target: 'q',
  cause,
  delivered,
});

/** Whether a promise is settled once all that is ready has run. */
async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false;
  promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

const LIMIT_MS = 60_000;
const never = new AbortController().signal;

test('a message is over when its last reply is evaluated', async () => {
  const { feed, tell } = feedOfEvents();
  const over = followConsequences(feed).settled('m', LIMIT_MS, never);
  for (const event of [evaluated('m', 2), sent('a', 'm'), sent('b', 'm'), evaluated('a', 0)]) {
    tell(event);
    expect(await isDone(over)).toBe(false);
  }
  tell(evaluated('b', 1));
  expect(await isDone(over)).toBe(false);
  tell(sent('c', 'b'));
  expect(await isDone(over)).toBe(false);
  tell(evaluated('c', 0));
  expect(await isDone(over)).toBe(true);
});

test('what happened before anyone asked counts', async () => {
  const { feed, tell } = feedOfEvents();
  const consequences = followConsequences(feed);
  tell(sent('a', 'm'));
  tell(evaluated('a', 0));
  tell(evaluated('m', 1));
  expect(await isDone(consequences.settled('m', LIMIT_MS, never))).toBe(true);
});

test('a message to a wallet, or one that cannot be sent, ends there', async () => {
  const { feed, tell } = feedOfEvents();
  const over = followConsequences(feed).settled('m', LIMIT_MS, never);
  tell(evaluated('m', 2));
  tell(sent('a', 'm', false));
  expect(await isDone(over)).toBe(false);
  tell({ type: 'error', error: { code: 'TAG_NOT_STRING', text: 'a tag', message: 'm' } });
  expect(await isDone(over)).toBe(true);
});

test('a message that fails is over once its error was told', async () => {
  const { feed, tell } = feedOfEvents();
  const over = followConsequences(feed).settled('m', LIMIT_MS, never);
  tell({ ...evaluated('m', 0), error: 'no hay' } as NetworkEvent);
  expect(await isDone(over)).toBe(false);
  tell({ type: 'error', error: { code: 'EVALUATION_FAILED', text: 'no hay', message: 'm' } });
  expect(await isDone(over)).toBe(true);
});

test('a stop ends the wait, and nothing keeps listening', async () => {
  const { feed, listeners } = feedOfEvents();
  const consequences = followConsequences(feed);
  const controller = new AbortController();
  const over = consequences.settled('m', LIMIT_MS, controller.signal);
  controller.abort();
  await expect(over).rejects.toBeInstanceOf(Interrupted);
  consequences.stop();
  expect(listeners.size).toBe(0);
});

test('a silent network is given up, with a code', async () => {
  const { feed } = feedOfEvents();
  await expect(followConsequences(feed).settled('m', 1, never)).rejects.toMatchObject({
    code: 'NO_ANSWER',
  });
});
