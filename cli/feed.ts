/**
 * Everything that happens in a network while it happens: the gateway's stream of server-sent
 * events, opened once per command and told to any number of listeners in order.
 */
import type { CorralInfo, NetworkEvent } from '../index.js';
import { CliError } from './errors.js';
import type { Fetch } from './requests.js';

export type FeedListener = (event: NetworkEvent) => void;

export interface Feed {
  /** Calls the listener for every event from now on; returns how to stop that. */
  listen(listener: FeedListener): () => void;
  /** Resolves when the stream ends: the network was stopped, or `close` was called. */
  readonly ended: Promise<void>;
  close(): void;
}

/**
 * Opens the stream; once this resolves, no event is missed.
 *
 * @throws {CliError} NETWORK_UNREACHABLE
 */
export async function openFeed(fetch: Fetch, info: CorralInfo): Promise<Feed> {
  const controller = new AbortController();
  const { signal } = controller;
  const url = `${info.urls.gateway}/corral/events`;
  const response = await fetch(url, { signal, headers: { Accept: 'text/event-stream' } });
  if (!response.ok || response.body === null) {
    const hint = 'It must be a Corral gateway of this version.';
    throw new CliError('NETWORK_UNREACHABLE', `no events at ${url}`, hint, { url });
  }
  const listeners = new Set<FeedListener>();
  const ended = readEvents(response.body, (event) => {
    for (const listener of [...listeners]) listener(event);
  }).catch((error: unknown) => {
    // A stream that breaks has ended; who still needs it is told by NETWORK_STOPPED.
    if (!signal.aborted && !isBrokenStream(error)) throw error;
  });
  return {
    listen: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    ended,
    close: () => controller.abort(),
  };
}

/** undici says "terminated" as a TypeError when the server goes away in mid stream. */
function isBrokenStream(error: unknown): boolean {
  return error instanceof TypeError;
}

/** Reads `data:` lines; each is one event as JSON, and comments keep the connection alive. */
async function readEvents(
  body: ReadableStream<Uint8Array>,
  tell: (event: NetworkEvent) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) tell(JSON.parse(line.slice('data:'.length)) as NetworkEvent);
    }
  }
}
