/**
 * The debug adapter: an editor's requests, answered by the debugger of a running network. Attached to
 * a process, its breakpoints stop the next message that reaches them, and the network waits; with
 * the id of a message it walks through that one. Every way of stepping works backwards as well.
 * Source: https://microsoft.github.io/debug-adapter-protocol/specification
 */
import type { Breakpoint } from '../../index.js';
import { CliError, messageOf } from '../errors.js';
import { createEditorBreakpoints } from './editor-breakpoints.js';
import { createLink, type DapMove, type Link, type Target, THREAD } from './link.js';
import type { DapChannel, DapRequest } from './protocol.js';
import { QUERIES } from './queries.js';
import { createSourceMap } from './source-map.js';

export interface AdapterOptions {
  readonly channel: DapChannel;
  /** @throws {CliError} */
  readonly connect: (
    request: 'attach' | 'launch',
    args: Readonly<Record<string, unknown>>,
  ) => Promise<Target>;
}

const CAPABILITIES = {
  supportsConfigurationDoneRequest: true,
  supportsFunctionBreakpoints: true,
  supportsConditionalBreakpoints: true,
  supportsEvaluateForHovers: true,
  supportsStepBack: true,
  supportsTerminateRequest: true,
  supportsDelayedStackTraceLoading: true,
  exceptionBreakpointFilters: [{ filter: 'error', label: 'Messages that fail', default: true }],
};

const MOVES: ReadonlyMap<string, DapMove> = new Map([
  ['continue', 'continue'],
  ['next', 'next'],
  ['stepIn', 'step'],
  ['stepOut', 'out'],
  ['stepBack', 'back'],
  ['reverseContinue', 'reverse'],
]);

/** Serves an editor until it leaves. */
export async function serveAdapter(options: AdapterOptions): Promise<void> {
  const { channel } = options;
  const adapter = createAdapter(options);
  for await (const request of channel.requests) {
    try {
      if (!(await adapter.handle(request))) break;
    } catch (error) {
      channel.refuse(request, messageOf(error));
    }
  }
  await adapter.leave();
}

type Arguments = Readonly<Record<string, unknown>>;

function lineOf(breakpoint: Breakpoint): number | undefined {
  return breakpoint.kind === 'line' ? breakpoint.line : undefined;
}

function createAdapter({ channel, connect }: AdapterOptions) {
  const breakpoints = createEditorBreakpoints();
  let target: Target | undefined;
  let link: Link | undefined;
  let sources = createSourceMap([]);

  const requireLink = (): Link => {
    if (link) return link;
    throw new CliError('USAGE', 'the editor has to attach or launch first', '');
  };
  const open = async ({ command, arguments: args = {} }: DapRequest) => {
    target = await connect(command === 'launch' ? 'launch' : 'attach', args);
    link = createLink(channel, target);
    sources = createSourceMap(target.folders);
    for (const path of breakpoints.paths()) sources.learn(path);
  };
  /** @returns the body of the answer to a request that sets breakpoints */
  const set = async ({ command, arguments: args = {} }: DapRequest) => {
    if (command === 'setExceptionBreakpoints') {
      breakpoints.setErrors(args);
      await link?.setBreakpoints(breakpoints.all());
      return {};
    }
    const { path } = (args.source ?? {}) as { path?: string };
    if (path !== undefined) sources.learn(path);
    const isLines = command === 'setBreakpoints';
    const list = isLines ? breakpoints.setLines(args) : breakpoints.setHandlers(args);
    const checked = await verify(list, isLines, args);
    await link?.setBreakpoints(breakpoints.all());
    return { breakpoints: checked };
  };
  /** What will come of those that were just set; a line without code moves to the next. */
  const verify = async (list: readonly object[], isLines: boolean, args: Arguments) => {
    if (!target) return list; // not known before it is attached
    const { path, name } = (args.source ?? {}) as { path?: string; name?: string };
    const mine = breakpoints
      .all()
      .filter((one) =>
        isLines ? one.kind === 'line' && one.file === (path || name) : one.kind === 'handler',
      );
    const checks = await target.debugger.check(target.process, mine);
    const moved = mine.map((one, index) => ({ ...one, line: checks[index]?.line ?? lineOf(one) }));
    if (isLines) breakpoints.setLines({ ...args, breakpoints: moved });
    return list.map((one, index) => {
      const { state, message, line } = checks[index] ?? { state: 'set' };
      const about = message === undefined ? {} : { message };
      return { ...one, verified: state === 'set', ...about, ...(line ? { line } : {}) };
    });
  };
  const leave = async () => {
    await link?.leave();
    link = undefined;
  };
  /** @returns false once the editor has left */
  const handle = async (request: DapRequest): Promise<boolean> => {
    const { command, arguments: args = {} } = request;
    const move = MOVES.get(command);
    const query = QUERIES[command];
    if (move !== undefined) {
      const moving = requireLink();
      void moving.session; // refused before it is answered, if nothing stands still
      channel.respond(request, { allThreadsContinued: true });
      await moving.move(move);
    } else if (query !== undefined) {
      const { session } = requireLink();
      channel.respond(request, (await query(session, args, sources)) as object);
    } else if (command === 'initialize') {
      channel.respond(request, CAPABILITIES);
      channel.event('initialized');
    } else if (command === 'attach' || command === 'launch') {
      await open(request);
      channel.respond(request);
    } else if (/^set\w*Breakpoints$/.test(command)) {
      channel.respond(request, await set(request));
    } else if (command === 'configurationDone') {
      const beginning = requireLink();
      channel.respond(request);
      await beginning.begin(breakpoints.all());
    } else if (command === 'threads') {
      channel.respond(request, { threads: [{ id: THREAD, name: target?.name ?? 'process' }] });
    } else if (command === 'disconnect' || command === 'terminate') {
      await leave();
      channel.respond(request);
      channel.event('terminated');
      return command !== 'disconnect';
    } else {
      channel.refuse(request, `this debugger has no "${command}"`);
    }
    return true;
  };
  return { handle, leave };
}
