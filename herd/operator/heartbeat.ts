/**
 * Heartbeats: tells a dispatcher every 5 seconds where this operator is and how much it has to do. A
 * dispatcher that is away is logged once, and once more when it is back.
 */
import { type Fetch, postJson } from './post.js';
import { pause, type Timer } from './timer.js';

export interface HeartbeatOptions {
  /** URL of the dispatcher, without a slash at its end; none, no heartbeats. */
  readonly dispatcher: string | undefined;
  /** How the dispatcher names this operator: its URL. */
  readonly workerName: string;
  readonly queueLength: () => number;
  readonly fetch: Fetch;
  readonly timer: Timer;
  readonly log: (line: string) => void;
}

export const HEARTBEAT_MS = 5_000;
const HEARTBEAT_LIMIT_MS = 3_000;

/** Beats until it is stopped. */
export function startHeartbeat(options: HeartbeatOptions): () => void {
  const { dispatcher, workerName, queueLength, fetch, timer, log } = options;
  const url = `${dispatcher}/receive_heart_beat`;
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  if (dispatcher === undefined) return stop;
  const beat = () => {
    const body = JSON.stringify({ worker_name: workerName, queue_length: queueLength() });
    return postJson({ fetch, timer }, { url, body, limitMs: HEARTBEAT_LIMIT_MS });
  };
  const run = async () => {
    let wasHeard = true;
    while (!stopped.signal.aborted) {
      const failure = await beat();
      const isHeard = failure === undefined;
      if (stopped.signal.aborted) return;
      if (wasHeard && !isHeard) log(`no heartbeat reaches ${url}: ${failure}; trying on`);
      if (isHeard && !wasHeard) log(`heartbeats reach ${url} again`);
      wasHeard = isHeard;
      await pause(timer, HEARTBEAT_MS, stopped.signal);
    }
  };
  void run(); // never rejects
  return stop;
}
