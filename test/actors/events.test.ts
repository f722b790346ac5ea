import { describe, expect, test } from 'vitest';
import { createEvents, type NetworkEvent } from '../../actors/events.js';

const at = (nowMs: number): NetworkEvent => ({ type: 'clock', nowMs });
const cron: NetworkEvent = { type: 'cron', process: 'p', name: '0-1-second', timestampMs: 1 };

describe('events', () => {
  test('reach listeners of their type and of all types until these stop', () => {
    const { events, emit } = createEvents();
    const heard: unknown[] = [];
    const stop = events.on('clock', ({ nowMs }) => heard.push(nowMs));
    events.on('*', ({ type }) => heard.push(type));
    emit(at(1));
    emit(cron);
    stop();
    emit(at(2));
    expect(heard).toEqual([1, 'clock', 'cron', 'clock']);
  });

  test('can be read one by one, also those from before the reading', async () => {
    const { events, emit, end } = createEvents();
    const read: NetworkEvent[] = [];
    const iterator = events[Symbol.asyncIterator]();
    emit(at(1));
    const waiting = (async () => {
      for await (const event of { [Symbol.asyncIterator]: () => iterator }) read.push(event);
    })();
    emit(at(2));
    await Promise.resolve();
    emit(at(3));
    end();
    await waiting;
    expect(read).toEqual([at(1), at(2), at(3)]);
  });

  test('stop when the reader does', async () => {
    const { events, emit } = createEvents();
    emit(at(0));
    const reading = (async () => {
      for await (const event of events) return event;
      return undefined;
    })();
    emit(at(1));
    emit(at(2));
    expect(await reading).toEqual(at(1));
  });
});
