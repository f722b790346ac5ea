/**
 * What of a network's life a console shows by itself: what arrives at its process, as the process
 * prints it, and the errors of its process and of all that was set off at the console.
 */
import type { NetworkEvent } from '../../index.js';
import { describeFailure, EVAL_HANDLER } from '../failures.js';
import { shortId } from '../format.js';
import type { Colors } from '../terminal.js';

export interface Viewer {
  /** The process at whose console this is. */
  readonly process: string;
  /** Whether a message was sent from here, or caused by one that was. */
  readonly isOurs: (message: string | undefined) => boolean;
  /** Names of the processes that are not the viewer's, by id. */
  readonly names: ReadonlyMap<string, string>;
  readonly colors: Colors;
  readonly debug: boolean;
}

export interface LiveText {
  readonly text: string;
  readonly isError: boolean;
  /** The message that it is about, if it is about one. */
  readonly message?: string | undefined;
}

/** @returns what to show, or undefined when the event is none of this console's business */
export function describeLive(event: NetworkEvent, viewer: Viewer): LiveText | undefined {
  const { process, isOurs, names, colors, debug } = viewer;
  if (event.type === 'error') {
    const { error } = event;
    const here = error.process === process;
    // What somebody else types wrong into this process is shown to them.
    if (!isOurs(error.message) && (!here || error.handler === EVAL_HANDLER)) return undefined;
    const { process: elsewhere = '' } = error;
    const processName = here ? undefined : (names.get(elsewhere) ?? shortId(elsewhere));
    const text = describeFailure(error, { colors, debug, processName });
    return { text, isError: true, message: error.message };
  }
  if (event.type !== 'evaluated' || event.process !== process) return undefined;
  const { print, output, message } = event;
  return print && output ? { text: output, isError: false, message } : undefined;
}
