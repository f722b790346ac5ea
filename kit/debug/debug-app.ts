/**
 * The debugger over HTTP. `POST /corral/debug` opens a session and `POST /corral/debug/SESSION` asks
 * it; `POST /corral/debug/watch` is a stream of server-sent events: a watch of one process that lasts
 * as long as somebody reads it, so that nothing waits for a debugger that went away.
 */
import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { ActorError } from '../../actors/errors.js';
import { prepareApp } from '../../actors/http/errors.js';
import type { ActorNetwork } from '../../actors/network.js';
import type { Breakpoint } from './breakpoints.js';
import type { Desk, OpenSession } from './desk.js';
import type { Move } from './moves.js';
import { type SessionView, viewOf } from './view.js';

/** What a session can be asked. */
export type DebugQuestion =
  | { readonly ask: 'view' }
  | { readonly ask: 'move'; readonly move: Move }
  | { readonly ask: 'go'; readonly place: number }
  | { readonly ask: 'breakpoints' | 'check'; readonly breakpoints: readonly Breakpoint[] }
  | { readonly ask: 'scopes'; readonly frame: number }
  | {
      readonly ask: 'variables';
      readonly reference: number;
      readonly start?: number;
      readonly count?: number;
    }
  | { readonly ask: 'evaluate'; readonly code: string; readonly frame?: number }
  | { readonly ask: 'source'; readonly source: string }
  /** Ends it; a process that waits goes on. */
  | { readonly ask: 'resume' };

/** What a watch tells: first its id, then each session that stands at a breakpoint. */
export type WatchEvent =
  | { readonly watch: string; readonly process: string }
  | { readonly stopped: SessionView };

const BODY_BYTES_MAX = 1024 * 1024;
const BREAKPOINTS_MAX = 1_000;
const MOVES: ReadonlySet<string> = new Set<Move>([
  ...(['step', 'next', 'out', 'continue', 'back', 'step-back', 'reverse'] as const),
]);

export function createDebugApp({ gateway }: ActorNetwork, desk: Desk): Hono {
  const app = prepareApp(gateway, BODY_BYTES_MAX);
  app.post('/corral/debug', async (c) => {
    const { message, process } = await readBody(c);
    const target = typeof process === 'string' ? process : undefined;
    const id = message === undefined && target !== undefined ? undefined : text(message, 'message');
    return c.json(viewOf(await desk.open(id, target)));
  });
  app.post('/corral/debug/watch', async (c) => watchProcess(desk, c));
  app.put('/corral/debug/watch/:watch', async (c) => {
    const { breakpoints } = await readBody(c);
    desk.watched(c.req.param('watch')).setBreakpoints(readBreakpoints(breakpoints));
    return c.json({});
  });
  app.delete('/corral/debug/watch/:watch', (c) => {
    desk.watched(c.req.param('watch')).close();
    return c.json({});
  });
  app.post('/corral/debug/check', async (c) => {
    const { process, breakpoints } = await readBody(c);
    return c.json(await desk.check(text(process, 'process'), readBreakpoints(breakpoints)));
  });
  app.post('/corral/debug/:session', async (c) => {
    const open = desk.session(c.req.param('session'));
    return c.json(await answer(open, (await readBody(c)) as unknown as DebugQuestion));
  });
  return app;
}

async function watchProcess(desk: Desk, c: Context): Promise<Response> {
  const { process, breakpoints } = await readBody(c);
  const list = readBreakpoints(breakpoints ?? []);
  const told: WatchEvent[] = [];
  let wake: () => void = () => undefined;
  const watch = await desk.watch(text(process, 'process'), (session) => {
    told.push({ stopped: viewOf(session) });
    wake();
  });
  watch.setBreakpoints(list);
  return streamSSE(c, async (stream) => {
    let isOpen = true;
    const end = () => {
      isOpen = false;
      watch.close();
      wake();
    };
    stream.onAbort(end);
    const first: WatchEvent = { watch: watch.id, process: watch.process };
    await stream.writeSSE({ data: JSON.stringify(first) });
    while (isOpen) {
      for (const event of told.splice(0)) await stream.writeSSE({ data: JSON.stringify(event) });
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (told.length > 0 || !isOpen) resolve();
      });
    }
  });
}

function answer(open: OpenSession, question: DebugQuestion): object | Promise<object> {
  const { session } = open;
  switch (question.ask) {
    case 'view':
      return viewOf(open);
    case 'move':
      return move(open, question.move);
    case 'go':
      session.goTo(integer(question.place, 'place'));
      return viewOf(open);
    case 'breakpoints':
      session.setBreakpoints(readBreakpoints(question.breakpoints));
      return {};
    case 'check':
      return open.check(readBreakpoints(question.breakpoints));
    case 'scopes':
      return session.scopes(integer(question.frame, 'frame'));
    case 'variables': {
      const { reference, start, count } = question;
      return session.variables(integer(reference, 'reference'), start, count);
    }
    case 'evaluate':
      return session.evaluate(text(question.code, 'code'), question.frame);
    case 'source':
      return { lines: session.scene.sources.linesOf(text(question.source, 'source')) ?? [] };
    case 'resume':
      open.resume();
      return {};
    default:
      throw bad(`"${String((question as { ask?: unknown }).ask)}" is nothing to ask`);
  }
}

/** A process that waits goes on when there is no further stop. */
function move(open: OpenSession, how: Move): SessionView {
  if (!MOVES.has(how)) throw bad(`"${how}" is no move`);
  const { reason } = open.session.move(how);
  const view = viewOf(open);
  if (reason !== 'end' || how !== 'continue' || !open.live) return view;
  open.resume();
  return { ...view, live: false };
}

function readBreakpoints(value: unknown): Breakpoint[] {
  if (!Array.isArray(value)) throw bad('breakpoints is no list');
  if (value.length > BREAKPOINTS_MAX) throw bad(`${value.length} breakpoints are too many`);
  return value.map((one: Record<string, unknown>) => {
    const condition = typeof one?.condition === 'string' ? { condition: one.condition } : {};
    if (one?.kind === 'error') return { kind: 'error' };
    if (one?.kind === 'handler') {
      return { kind: 'handler', handler: text(one.handler, 'handler'), ...condition };
    }
    const line = integer(one?.line, 'line');
    return { kind: 'line', file: text(one?.file, 'file'), line, ...condition };
  });
}

async function readBody(c: Context): Promise<Record<string, unknown>> {
  const body: unknown = await c.req.json().catch((cause: unknown) => {
    throw bad('the body is no JSON', cause);
  });
  if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  throw bad('the body is no object');
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw bad(`${name} is no text`);
}

function integer(value: unknown, name: string): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw bad(`${name} is no whole number`);
}

function bad(what: string, cause?: unknown): ActorError {
  return new ActorError('BAD_REQUEST', what, { hint: 'See docs/DEBUGGING.md.', cause });
}
