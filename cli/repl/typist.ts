/**
 * Enters lines into a console and tells what the network does meanwhile in an order that reads
 * well: first what the line itself answers, then what it set off. Can wait until all of that is
 * over.
 */
import type { NetworkEvent } from '../../index.js';
import { followConsequences } from '../consequences.js';
import type { Feed, FeedListener } from '../feed.js';
import { unlessAborted } from '../interrupt.js';
import type { Console } from './console.js';
import { enterLine } from './enter-line.js';

export interface Typist {
  /**
   * Enters a line and shows what it answers.
   *
   * @returns whether all went well
   * @throws {Interrupted}
   */
  enter(line: string, signal: AbortSignal): Promise<boolean>;
  /** Like `enter`, and waits until everything that the line set off is over. */
  enterAndWait(line: string, signal: AbortSignal): Promise<boolean>;
  /** What happened since the last line was begun. */
  readonly events: readonly NetworkEvent[];
  close(): void;
}

/** Silence after which a line is given up; a model on a slow machine may think for a while. */
const SILENCE_MS = 120_000;

/** @param show is told every event, but never in the middle of a line's own answer */
export function createTypist(console: Console, feed: Feed, show: FeedListener): Typist {
  let events: NetworkEvent[] = [];
  let entering = false;
  const close = feed.listen((event) => {
    events.push(event);
    if (!entering) show(event);
  });

  const enter = async (line: string, signal: AbortSignal) => {
    events = [];
    entering = true;
    try {
      return await unlessAborted(enterLine(console, line), signal);
    } finally {
      entering = false;
      for (const event of events) show(event);
    }
  };

  const enterAndWait = async (line: string, signal: AbortSignal) => {
    const consequences = followConsequences(feed);
    const messages: string[] = [];
    const stopCounting = console.client.onSent((message) => messages.push(message));
    try {
      const well = await enter(line, signal);
      for (const message of messages) await consequences.settled(message, SILENCE_MS, signal);
      return well;
    } finally {
      stopCounting();
      consequences.stop();
    }
  };

  return {
    enter,
    enterAndWait,
    get events() {
      return events;
    },
    close,
  };
}
