/**
 * The debug adapter: an editor's requests, answered by the debugger of a running network. Attached to
 * a process, its breakpoints stop the next message that reaches them, and the network waits; with
 * the id of a message it walks through that one. Every way of stepping works backwards as well.
 * Source: https://microsoft.github.io/debug-adapter-protocol/specification
 */
import { CliError, messageOf } from '../errors.js';
import { createEditorBreakpoints, type DapBreakpoint } from './editor-breakpoints.js';
import { type DapMove, type Link, openLink, type Target, THREAD } from './link.js';
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

/** Serves an editor until it leaves. @throws {CliError} EDITOR_UNREADABLE */
export async function serveAdapter(options: AdapterOptions): Promise<void> {
  const { channel } = options;
  const adapter = createAdapter(options);
  try {
    for await (const request of channel.requests) {
      try {
        if (!(await adapter.handle(request))) break;
      } catch (error) {
        channel.refuse(request, messageOf(error));
      }
    }
  } catch (error) {
    channel.tell(messageOf(error));
    channel.event('terminated');
    throw error;
  } finally {
    await adapter.leave();
  }
}

function createAdapter({ channel, connect }: AdapterOptions) {
  const breakpoints = createEditorBreakpoints();
  let target: Target | undefined;
  let link: Link | undefined;
  let sources = createSourceMap([]);
  let turn: Promise<unknown> = Promise.resolve();
  let isDue = false;

  const requireLink = (): Link => {
    if (link) return link;
    throw new CliError('USAGE', 'the editor has to attach or launch first', '');
  };
  const open = async ({ command, arguments: args = {} }: DapRequest) => {
    target = await connect(command === 'launch' ? 'launch' : 'attach', args);
    link = await openLink(channel, target, checkPending);
    sources = createSourceMap(target.folders);
    for (const path of breakpoints.paths()) sources.learn(path);
  };
  /** Asks what will come of the breakpoints, and sets them. @returns those of which there is news */
  const check = (): Promise<readonly DapBreakpoint[]> => {
    // One after another, so that what was known first is not told last.
    const news = turn.then(async () => {
      isDue = false;
      const at = link;
      if (!at) return [];
      const found = await breakpoints.check(at.check);
      await at.setBreakpoints(breakpoints.all());
      return found;
    });
    turn = Promise.allSettled([news]);
    return news;
  };
  const tell = (news: readonly DapBreakpoint[]) => {
    for (const breakpoint of news) channel.event('breakpoint', { reason: 'changed', breakpoint });
  };
  /** Attached, something was loaded or stands still: what was pending may be there now. */
  const checkPending = () => {
    if (isDue || !breakpoints.isPending) return;
    isDue = true;
    check().then(tell, (error: unknown) => channel.tell(messageOf(error)));
  };
  /** @returns the body of the answer to a request that sets breakpoints */
  const set = async ({ command, arguments: args = {} }: DapRequest) => {
    const ids = breakpoints.set(command, args);
    for (const path of breakpoints.paths()) sources.learn(path);
    const news = await check();
    tell(news.filter(({ id }) => !ids.includes(id)));
    return { breakpoints: breakpoints.told(ids) };
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
      checkPending(); // those that were set before
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
