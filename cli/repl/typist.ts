/**
 * Enters lines into a console and tells what the network does meanwhile in an order that reads
 * well: first what the line itself answers, then what it set off. Knows when all of that is over.
 */
import type { NetworkEvent } from '../../index.js';
import { followConsequences } from '../consequences.js';
import type { Feed } from '../feed.js';
import { unlessAborted } from '../interrupt.js';
import { followLineage } from '../lineage.js';
import { describeRefusal } from '../log.js';
import { STILL_WAITS, waitsAnew } from '../suspended.js';
import { type Console, refreshPrompt } from './console.js';
import { enterLine } from './enter-line.js';
import { describeLive } from './live.js';
import { bootedNames } from './processes.js';

/** What is told of the network's life. */
export interface Audience {
  /** Every event, but never in the middle of a line's own answer. */
  take(event: NetworkEvent): void;
  /** What to print of it. @param message that it is about */
  print(text: string, message?: string): void;
  /** What went wrong, for stderr. */
  note(text: string, message?: string): void;
}

export interface Entered {
  /** Whether the line itself did well. */
  readonly well: boolean;
  /** Resolves once all that the line set off is over; rejects with Interrupted on `close`. */
  readonly over: Promise<void>;
}

export interface Typist {
  /**
   * Enters a line and shows what it answers.
   *
   * @throws {Interrupted}
   */
  enter(line: string, signal: AbortSignal): Promise<Entered>;
  /** What happened since the last line was begun. */
  readonly events: readonly NetworkEvent[];
  /** Whether anything has gone wrong yet. */
  readonly failed: boolean;
  /** Whether a line is being answered. */
  readonly busy: boolean;
  close(): void;
}

/** Silence after which a line is given up; a model on a slow machine may think for a while. */
const SILENCE_MS = 120_000;

export function createTypist(console: Console, feed: Feed, audience: Audience): Typist {
  const { client, debug, terminal } = console;
  const { colors } = terminal;
  const lineage = followLineage(client, feed);
  const names = bootedNames(client);
  let events: NetworkEvent[] = [];
  let busy = false;
  let failed = false;
  let lines = 0;
  const closing = new AbortController();

  const fail = (text: string, message?: string) => {
    failed = true;
    audience.note(text, message);
  };
  const show = (event: NetworkEvent) => {
    audience.take(event);
    // Whoever was refused may not be told why by the client; no line typed here failed.
    if (event.type === 'refused') return audience.note(describeRefusal(event, { colors }));
    const viewer = { process: console.process.id, isOurs: lineage.has, names, colors, debug };
    const live = describeLive(event, viewer);
    if (live === undefined) return;
    if (live.isError) fail(live.text, live.message);
    else audience.print(live.text, live.message);
  };
  const stopListening = feed.listen((event) => {
    events.push(event);
    if (!busy) show(event);
  });

  /** Lua says nothing when it waits for ever; only the last line entered can be told from others. */
  const tellIfWaiting = async (line: number, { process, suspended }: Console) => {
    if (line !== lines || console.process !== process) return;
    await refreshPrompt(console);
    if (line === lines && waitsAnew(suspended, console.suspended)) fail(colors.yellow(STILL_WAITS));
  };

  const enter = async (text: string, signal: AbortSignal) => {
    const before = { ...console };
    const consequences = followConsequences(feed);
    const messages: string[] = [];
    const stopCounting = client.onSent((message) => messages.push(message));
    const settle = async () => {
      const stop = AbortSignal.any([signal, closing.signal]);
      try {
        for (const message of messages) await consequences.settled(message, SILENCE_MS, stop);
        if (messages.length > 0) await tellIfWaiting(line, before);
      } finally {
        consequences.stop();
      }
    };
    lines += 1;
    const line = lines;
    events = [];
    busy = true;
    try {
      const well = await unlessAborted(enterLine(console, text), signal);
      if (!well) failed = true;
      return { well, over: settle() };
    } catch (error) {
      consequences.stop();
      throw error;
    } finally {
      stopCounting();
      busy = false;
      for (const event of events) show(event);
    }
  };

  return {
    enter,
    get events() {
      return events;
    },
    get failed() {
      return failed;
    },
    get busy() {
      return busy;
    },
    close: () => {
      closing.abort(); // who leaves does not wait for what is still under way
      stopListening();
      lineage.stop();
    },
  };
}
