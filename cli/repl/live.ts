/**
 * What of a network's life a console shows by itself: what arrives at its process, as the process
 * prints it, and errors that no one would see otherwise. Its own Evals are shown where they are
 * typed.
 */
import type { NetworkEvent } from '../../index.js';
import type { Colors } from '../terminal.js';

/** @returns what to print, or undefined when the event is none of this process's business */
export function describeLive(
  event: NetworkEvent,
  process: string,
  colors: Colors,
): string | undefined {
  if (event.type !== 'evaluated' || event.process !== process) return undefined;
  if (event.error !== undefined && event.action !== 'Eval') return colors.red(event.error.trim());
  return event.print && event.output ? event.output : undefined;
}
