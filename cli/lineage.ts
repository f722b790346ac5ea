/**
 * Which messages go back to one that was sent from here: read off the events, which name the cause
 * of every message that a process sends.
 */
import type { Client } from './client.js';
import type { Feed } from './feed.js';

export interface Lineage {
  /** Whether this client sent the message, or one that led to it. */
  has(message: string | undefined): boolean;
  stop(): void;
}

/** Starts to watch: only what is sent from now on is known. */
export function followLineage(client: Client, feed: Feed): Lineage {
  const ours = new Set<string>();
  // An event may come before the answer that tells this client the id of what it sent.
  const causes = new Map<string, string>();
  const stopCounting = client.onSent((message) => ours.add(message));
  const stopListening = feed.listen((event) => {
    if (event.type === 'sent' && event.cause !== undefined) causes.set(event.message, event.cause);
  });
  return {
    has: (message) => {
      let id = message;
      while (id !== undefined && !ours.has(id)) id = causes.get(id);
      return id !== undefined;
    },
    stop: () => {
      stopCounting();
      stopListening();
    },
  };
}
