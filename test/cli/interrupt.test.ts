import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { catchInterrupts, Interrupted, unlessAborted } from '../../cli/interrupt.js';

/** A program that gets signals and would exit. */
function program() {
  const exits: number[] = [];
  const source = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
  return { source, exits };
}

test('the first signal asks for a stop, the second leaves at once', () => {
  const { source, exits } = program();
  let announced = 0;
  const { signal } = catchInterrupts(source, () => {
    announced += 1;
  });
  source.emit('SIGINT');
  expect({ stopping: signal.aborted, announced, exits }).toEqual({
    stopping: true,
    announced: 1,
    exits: [],
  });
  source.emit('SIGTERM');
  expect({ announced, exits }).toEqual({ announced: 1, exits: [130] });
});

test('after release, signals end the program in the ordinary way', () => {
  const { source } = program();
  catchInterrupts(source, () => undefined).release();
  expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).toBe(0);
});

test('a wait ends with its promise or with the stop, whichever comes first', async () => {
  const controller = new AbortController();
  expect(await unlessAborted(Promise.resolve(1), controller.signal)).toBe(1);
  const waiting = unlessAborted(new Promise(() => undefined), controller.signal);
  controller.abort();
  await expect(waiting).rejects.toBeInstanceOf(Interrupted);
  await expect(unlessAborted(new Promise(() => undefined), controller.signal)).rejects.toThrow();
});
