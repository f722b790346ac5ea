/**
 * The debug desk of a network: sessions over evaluations of the past, and watches, whose breakpoints
 * stop what a process is about to be given. There the process waits, and with it whoever waits for
 * it, until the session is resumed; then it is evaluated as it would have been.
 */

import { evaluationId } from '../../actors/compute/evaluation.js';
import type { Gate, Upcoming } from '../../actors/compute/gate.js';
import type { Recall } from '../../actors/compute/recall.js';
import { decodeCheckpoint } from '../../actors/lua/checkpoint.js';
import type { ActorNetwork } from '../../actors/network.js';
import { KitError } from '../errors.js';
import { findDelivery } from '../inspect/find-delivery.js';
import { createPast, type Past } from '../inspect/past.js';
import type { Breakpoint } from './breakpoints.js';
import {
  type BreakpointCheck,
  checkBreakpoints,
  type Moment,
  momentNow,
} from './check-breakpoints.js';
import { makeScene, openScene, type Scene } from './scene.js';
import { type DebugSession, openSession } from './session.js';

/** A session that others can ask for by its id. */
export interface OpenSession {
  readonly id: string;
  readonly session: DebugSession;
  /** True while a process of the network waits for it. */
  readonly live: boolean;
  /** What will come of breakpoints in it: of the files and handlers that there were. */
  check(breakpoints: readonly Breakpoint[]): Promise<BreakpointCheck[]>;
  /** Ends the session; the process that waits, if one does, goes on. */
  resume(): void;
}

export interface Watch {
  readonly id: string;
  readonly process: string;
  readonly breakpoints: readonly Breakpoint[];
  setBreakpoints(breakpoints: readonly Breakpoint[]): void;
  /** Ends it, and lets everything go on that waits because of it. */
  close(): void;
}

export interface Desk {
  /**
   * Opens a session over an evaluation of the past.
   * @param message id, as much of its beginning as no other has, or `mgd...H08`; without one the
   *   last that the process evaluated and that was no Eval, if there is one
   * @param process that got it, where that is not clear
   * @throws {UNKNOWN_PROCESS} and KitError MESSAGE_NOT_FOUND, STATE_NOT_LUA, REPLAY_TOO_LONG
   */
  open(message: string | undefined, process?: string): Promise<OpenSession>;
  /** What will come of breakpoints of a process as it is now. @throws as `watch` */
  check(process: string, breakpoints: readonly Breakpoint[]): Promise<BreakpointCheck[]>;
  /** @throws {KitError} DEBUG_ENDED */
  session(id: string): OpenSession;
  /**
   * Stops what a process is about to be given at the breakpoints.
   * @param tell of each session that stands at one
   * @throws {UNKNOWN_PROCESS} and KitError STATE_NOT_LUA
   */
  watch(process: string, tell: (session: OpenSession) => void): Promise<Watch>;
  /** @throws {KitError} DEBUG_ENDED */
  watched(id: string): Watch;
  close(): void;
}

/** Sessions over the past that are open at once; the oldest is closed for one more. */
const SESSIONS_MAX = 8;
/** Evaluations that are looked through for the last that was a message of its own. */
const SEARCH_MAX = 1_000;

export interface DeskOptions {
  readonly past?: Past;
  /** Makes sessions and watches different: whoever knows the id of one can use it. @default counts */
  readonly newId?: () => string;
}

export function createDesk(
  network: ActorNetwork,
  { past = createPast(network), newId = countIds() }: DeskOptions = {},
): Desk {
  const check = checkBreakpoints.bind(undefined, network, past);
  const sessions = createSessions(newId, check);
  const watches = createWatches(network, newId);

  /** Looks ahead in a copy; the process waits if a breakpoint is there. */
  const stopAt = async (upcoming: Upcoming): Promise<void> => {
    const watching = watches.of(upcoming.process);
    const breakpoints = watching.flatMap((watch) => watch.breakpoints);
    if (breakpoints.length === 0) return;
    const session = openSession(await sceneOf(network, past, upcoming));
    session.setBreakpoints(breakpoints);
    const { reason } = session.toFirstStop();
    if (reason === 'end') return session.close();
    await new Promise<void>((release) => {
      const open = sessions.add(session, release);
      for (const { tell } of watching) tell(open);
    });
  };
  return {
    async open(message, process) {
      const found = findEvaluation(network, message, process);
      return sessions.add(openSession(await openScene(network, past, found.process, found.id)));
    },
    check: async (process, breakpoints) => check(momentNow(network, process), breakpoints),
    session: sessions.get,
    async watch(process, tell) {
      await past.programOf(process);
      return watches.add(process, tell, stopAt, () => sessions.release(process));
    },
    watched: watches.get,
    close() {
      watches.clear();
      sessions.clear();
      past.close();
    },
  };
}

function countIds(): () => string {
  let last = 0;
  return () => {
    last++;
    return String(last);
  };
}

type Check = (moment: Moment, breakpoints: readonly Breakpoint[]) => Promise<BreakpointCheck[]>;

function createSessions(newId: () => string, check: Check) {
  const sessions = new Map<string, OpenSession>();
  return {
    /** @param release lets the process go on that waits */
    add(session: DebugSession, release?: () => void): OpenSession {
      const id = `session-${newId()}`;
      const resume = () => {
        if (!sessions.delete(id)) return;
        session.close();
        release?.();
      };
      const isLive = () => release !== undefined && sessions.has(id);
      const open: OpenSession = {
        id,
        session,
        get live() {
          return isLive();
        },
        check: (breakpoints) => check(session.scene, breakpoints),
        resume,
      };
      const old = [...sessions.values()].filter(({ live }) => !live);
      if (old.length >= SESSIONS_MAX) old[0]?.resume();
      sessions.set(id, open);
      return open;
    },
    get(id: string): OpenSession {
      const session = sessions.get(id);
      if (session) return session;
      throw ended('debug session', id);
    },
    /** Lets a process go on that waits. */
    release(process: string) {
      for (const { session, live, resume } of [...sessions.values()]) {
        if (live && session.scene.process === process) resume();
      }
    },
    clear() {
      for (const { resume } of [...sessions.values()]) resume();
    },
  };
}

type Told = Watch & { readonly tell: (session: OpenSession) => void };

function createWatches(network: ActorNetwork, newId: () => string) {
  const watches = new Map<string, Told>();
  const of = (process: string) => [...watches.values()].filter((it) => it.process === process);
  return {
    of,
    add(process: string, tell: Told['tell'], gate: Gate, onLast: () => void): Watch {
      const id = `watch-${newId()}`;
      let breakpoints: readonly Breakpoint[] = [];
      const watch: Told = {
        id,
        process,
        tell,
        get breakpoints() {
          return breakpoints;
        },
        setBreakpoints(list) {
          breakpoints = list;
        },
        close() {
          if (!watches.delete(id)) return;
          if (watches.size === 0) network.units.compute.gate = undefined;
          if (of(process).length === 0) onLast();
        },
      };
      watches.set(id, watch);
      network.units.compute.gate = (upcoming) =>
        of(upcoming.process).length > 0 ? gate(upcoming) : undefined;
      return watch;
    },
    get(id: string): Watch {
      const watch = watches.get(id);
      if (watch) return watch;
      throw ended('watch', id);
    },
    clear() {
      for (const watch of [...watches.values()]) watch.close();
    },
  };
}

/** Which evaluation a message is; of several it is that of the process that got it first. */
function findEvaluation(network: ActorNetwork, message = '', process?: string) {
  const { log, scheduler, recall } = network.units;
  if (message === '' && process !== undefined) {
    const last = findLast(recall(process));
    if (last !== undefined) return { id: last, process };
  }
  const delivery = findDelivery(network, message, process);
  if (delivery) return { id: delivery.id, process: delivery.target };
  const all = process === undefined ? scheduler.processes() : [process];
  for (const id of all) {
    if (log.find(id, message) !== undefined) return { id: message, process: id };
  }
  throw noSuchMessage(message);
}

/** The last evaluation of a process that is no code typed into it, if there is one not long ago. */
function findLast({ length, evaluation, inputs }: Recall): string | undefined {
  const isTyped = (index: number) => inputs(index).next().value?.action === 'Eval';
  let index = length - 1;
  const first = Math.max(1, length - SEARCH_MAX); // its spawn is none
  while (index >= first && isTyped(index)) index--;
  const found = evaluation(index < first ? length - 1 : index);
  return found && evaluationId(found);
}

async function sceneOf(network: ActorNetwork, past: Past, upcoming: Upcoming): Promise<Scene> {
  const { process, index, input } = upcoming;
  const program = await past.programOf(process);
  const checkpoint = decodeCheckpoint(await upcoming.memory());
  const recall = network.units.recall(process);
  return makeScene(network, { ...program, recall, index, checkpoint }, input);
}

function noSuchMessage(message: string): KitError {
  const text = `this network remembers no message ${message}`;
  const hint =
    'Give its whole id and the process that got it, or the id as `corral trace` shows it.';
  return new KitError('MESSAGE_NOT_FOUND', text, { hint, details: { message } });
}

function ended(what: string, id: string): KitError {
  const hint = 'It was closed, or the network was started again: open another.';
  return new KitError('DEBUG_ENDED', `there is no ${what} ${id}`, { hint, details: { id } });
}
