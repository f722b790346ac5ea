/**
 * The debugger of a console: breakpoints that stop what its processes are about to be given, and the
 * session that stands still, to which all lines go until it is over.
 */
import type { Breakpoint } from '../../index.js';
import type { Client } from '../client.js';
import { typeBreakpoint } from '../debug/breakpoints.js';
import { createDebugClient, type DebugSessionClient, type WatchClient } from '../debug/client.js';
import { BENCH_COMMANDS, type Bench, enterBench, showStop } from '../debug/commands.js';
import { describeSession } from '../debug/lines.js';
import type { ProcessRef } from '../process-query.js';
import type { Terminal } from '../terminal.js';

export interface Debugging {
  /** Whether a session stands still: then lines are for it. */
  readonly isStopped: boolean;
  /** What to show before the next line while it is. */
  readonly prompt: string;
  /** What can be typed then. */
  readonly commands: readonly string[];
  /** Breakpoints of a process. */
  breakpointsOf(process: ProcessRef): readonly Breakpoint[];
  /**
   * One more breakpoint of a process, as it was typed.
   * @returns what there is to say about it
   * @throws {CliError} USAGE for none, and for one that could never stop
   */
  addBreakpoint(process: ProcessRef, text: string): Promise<string | undefined>;
  setBreakpoints(process: ProcessRef, breakpoints: readonly Breakpoint[]): Promise<void>;
  /** Walks through a message of the past; the last one of the process without an id. */
  open(process: ProcessRef, message: string | undefined): Promise<void>;
  /** @throws {CliError} */
  enter(line: string): Promise<void>;
  /** Called with the lines of a stop that nobody typed for. */
  onStop: (lines: readonly string[]) => void;
  /** Lets what stands still go on. */
  leave(): Promise<void>;
  /** Ends all watches as well. */
  close(): Promise<void>;
}

interface Watched {
  breakpoints: readonly Breakpoint[];
  watch: WatchClient | undefined;
}

export function createDebugging(client: Client, terminal: Terminal): Debugging {
  const debug = createDebugClient(client.fetch, client.info.urls.gateway);
  const processes = new Map<string, Watched>();
  let bench: Bench | undefined;

  const watchedOf = (process: ProcessRef): Watched => {
    const known = processes.get(process.id) ?? { breakpoints: [], watch: undefined };
    processes.set(process.id, known);
    return known;
  };
  const sit = (
    session: DebugSessionClient,
    process: ProcessRef,
    print: (line: string) => void,
  ): Bench => ({
    terminal,
    session,
    frame: 0,
    breakpoints: watchedOf(process).breakpoints,
    // Those of a walk through the past are its own: nothing in the network stops at them.
    onBreakpoints: async (list) => {
      if (session.view.live) await self.setBreakpoints(process, list);
    },
    print,
    left: false,
  });
  const show = async (session: DebugSessionClient, process: ProcessRef) => {
    const lines: string[] = [describeSession(session.view, process.name, terminal)];
    const shown = sit(session, process, (line) => lines.push(line));
    await showStop(shown, session.view);
    bench = { ...shown, print: terminal.print };
    return lines;
  };
  const self: Debugging = {
    get isStopped() {
      return bench !== undefined;
    },
    get prompt() {
      return terminal.colors.yellow('debug> ');
    },
    commands: BENCH_COMMANDS.map(({ names }) => names[0] ?? ''),
    breakpointsOf: (process) => watchedOf(process).breakpoints,
    async addBreakpoint(process, text) {
      const check = debug.check.bind(undefined, process.id);
      const { breakpoint, about } = await typeBreakpoint(text, check);
      await self.setBreakpoints(process, [...watchedOf(process).breakpoints, breakpoint]);
      return about;
    },
    async setBreakpoints(process, breakpoints) {
      const watched = watchedOf(process);
      watched.breakpoints = breakpoints;
      watched.watch ??= await debug.watch(process.id, breakpoints, (session) => {
        show(session, process).then((lines) => self.onStop(lines), terminal.note);
      });
      await watched.watch.setBreakpoints(breakpoints);
    },
    async open(process, message) {
      const session = await debug.open(message, message === undefined ? process.id : undefined);
      const breakpoints: readonly Breakpoint[] = [
        ...watchedOf(process).breakpoints,
        { kind: 'error' },
      ];
      await session.setBreakpoints(breakpoints);
      for (const line of await show(session, process)) terminal.print(line);
      if (bench) bench.breakpoints = breakpoints;
    },
    async enter(line) {
      if (!bench) return;
      const at = bench;
      await enterBench(at, line);
      if (at.left && bench === at) bench = undefined;
    },
    onStop: () => undefined,
    async leave() {
      const left = bench;
      bench = undefined;
      await left?.session.resume();
    },
    async close() {
      const open = [...processes.values()].map(({ watch }) => watch);
      processes.clear();
      // Where the network is gone, nothing waits any more.
      await Promise.allSettled([self.leave(), ...open.map((watch) => watch?.close())]);
    },
  };
  return self;
}
