/**
 * The link between an editor and a process: the session that stands still, if one does, and the watch
 * that waits for the next.
 */
import { stripVTControlCharacters } from 'node:util';
import type { Breakpoint, BreakpointCheck, DebugQuestion, SessionView } from '../../index.js';
import type { DebugClient, DebugSessionClient, WatchClient } from '../debug/client.js';
import { CliError, messageOf } from '../errors.js';
import type { DapChannel } from './protocol.js';

export type DapMove = Extract<DebugQuestion, { ask: 'move' }>['move'];

/** What an editor is attached to. */
export interface Target {
  readonly debugger: DebugClient;
  /** Id and name of the process. */
  readonly process: string;
  readonly name: string;
  /** Folders in which its files may be. */
  readonly folders: readonly string[];
  /** A message of the past to walk through; without one the process is watched. */
  readonly message?: string | undefined;
  /** What to do once everything is set, such as loading a program. */
  readonly start?: (() => Promise<void>) | undefined;
  /** Tells of what happens in the process; returns how to stop. */
  readonly listen: (audience: Audience) => () => void;
}

export interface Audience {
  readonly print: (text: string) => void;
  /** Code was loaded. */
  readonly loaded: () => void;
}

export interface Link {
  /** @throws {CliError} USAGE if nothing stands still */
  readonly session: DebugSessionClient;
  begin(breakpoints: readonly Breakpoint[]): Promise<void>;
  setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<void>;
  /** What will come of breakpoints: where it stands, if it does, and otherwise as the process is. */
  check(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointCheck[]>;
  move(how: DapMove): Promise<void>;
  /** Lets everything go on. */
  leave(): Promise<void>;
}

/** The process is the protocol's one thread. */
export const THREAD = 1;

const REASONS: Readonly<Record<SessionView['stop']['reason'], string>> = {
  start: 'entry',
  step: 'step',
  breakpoint: 'breakpoint',
  error: 'exception',
  end: 'step',
};

/**
 * @param onNews called when what was pending may be there: something was loaded, or stands still
 * @throws {CliError} NETWORK_REFUSED if there is no such message to walk through
 */
export async function openLink(
  channel: DapChannel,
  target: Target,
  onNews: () => void,
): Promise<Link> {
  const { message, process } = target;
  let session = message === undefined ? undefined : await target.debugger.open(message, process);
  let watch: WatchClient | undefined;
  let stopListening: (() => void) | undefined;

  const requireSession = (): DebugSessionClient => {
    if (session) return session;
    throw new CliError('USAGE', 'nothing stands at a breakpoint', 'Send the process a message.');
  };
  const print = (text: string) => channel.tell(stripVTControlCharacters(text), 'stdout');
  const tellStop = ({ stop }: SessionView) => {
    const reason = REASONS[stop.reason];
    const about = stop.error === undefined ? {} : { text: stop.error, description: stop.error };
    channel.event('stopped', { reason, threadId: THREAD, allThreadsStopped: true, ...about });
  };
  /** A watched process runs on; a message of the past is over. */
  const finish = ({ outcome }: SessionView) => {
    session = undefined;
    if (target.message === undefined) return channel.event('continued', { threadId: THREAD });
    if (outcome?.output !== undefined) print(outcome.output);
    if (outcome?.error !== undefined) channel.tell(stripVTControlCharacters(outcome.error));
    channel.event('terminated');
  };
  return {
    get session() {
      return requireSession();
    },
    async begin(breakpoints) {
      if (session) {
        await session.setBreakpoints(breakpoints);
        return tellStop(session.view);
      }
      watch = await target.debugger.watch(process, breakpoints, (stopped) => {
        session = stopped;
        tellStop(stopped.view);
        onNews();
      });
      stopListening = target.listen({ print, loaded: onNews });
      target.start?.().catch((error: unknown) => channel.tell(messageOf(error)));
    },
    check: (breakpoints) =>
      session ? session.check(breakpoints) : target.debugger.check(process, breakpoints),
    async setBreakpoints(breakpoints) {
      await session?.setBreakpoints(breakpoints);
      await watch?.setBreakpoints(breakpoints);
    },
    async move(how) {
      const moving = requireSession();
      const view = await moving.move(how);
      if (view.stop.reason !== 'end') return tellStop(view);
      if (view.live) await moving.resume();
      finish(view);
    },
    async leave() {
      stopListening?.();
      const [left, watched] = [session, watch];
      session = undefined;
      watch = undefined;
      await left?.resume();
      await watched?.close();
    },
  };
}
