/**
 * The debugger of a running network as its clients reach it: sessions and watches over HTTP.
 */
import type {
  Breakpoint,
  BreakpointCheck,
  DebugQuestion,
  Evaluated,
  Scopes,
  SessionView,
  Variable,
  WatchEvent,
} from '../../index.js';
import { answered, type Fetch, reach } from '../requests.js';

/** One session. Every move answers where it stands then. */
export interface DebugSessionClient {
  readonly view: SessionView;
  move(move: Extract<DebugQuestion, { ask: 'move' }>['move']): Promise<SessionView>;
  go(place: number): Promise<SessionView>;
  setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<void>;
  /** What will come of breakpoints in it. */
  check(breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointCheck[]>;
  scopes(frame: number): Promise<Scopes>;
  variables(reference: number, start?: number, count?: number): Promise<readonly Variable[]>;
  evaluate(code: string, frame: number): Promise<Evaluated>;
  source(name: string): Promise<readonly string[]>;
  /** Ends it; a process that waits goes on. */
  resume(): Promise<void>;
}

export interface WatchClient {
  setBreakpoints(breakpoints: readonly Breakpoint[]): Promise<void>;
  /** Resolves when the stream ends. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

export interface DebugClient {
  /** @param message id or its beginning; the last message of the process without */
  open(message: string | undefined, process?: string): Promise<DebugSessionClient>;
  /** What will come of breakpoints of a process. */
  check(process: string, breakpoints: readonly Breakpoint[]): Promise<readonly BreakpointCheck[]>;
  /** Tells of each session that stands at a breakpoint of a process. */
  watch(
    process: string,
    breakpoints: readonly Breakpoint[],
    tell: (session: DebugSessionClient) => void,
  ): Promise<WatchClient>;
}

export function createDebugClient(fetch: Fetch, gateway: string): DebugClient {
  const base = `${gateway}/corral/debug`;
  const send = async (method: string, path: string, body: unknown, signal?: AbortSignal) => {
    const headers = { 'Content-Type': 'application/json' };
    const init = { method, headers, body: JSON.stringify(body), ...(signal && { signal }) };
    return answered(await reach(fetch, `${base}${path}`, init), 'debugger');
  };
  const sessionOf = (first: SessionView): DebugSessionClient => {
    let view = first;
    const ask = async <Answer>(question: DebugQuestion): Promise<Answer> =>
      (await (await send('POST', `/${first.session}`, question)).json()) as Answer;
    const look = async (question: DebugQuestion) => {
      view = await ask<SessionView>(question);
      return view;
    };
    return {
      get view() {
        return view;
      },
      move: (move) => look({ ask: 'move', move }),
      go: (place) => look({ ask: 'go', place }),
      setBreakpoints: (breakpoints) => ask({ ask: 'breakpoints', breakpoints }),
      check: (breakpoints) => ask({ ask: 'check', breakpoints }),
      scopes: (frame) => ask({ ask: 'scopes', frame }),
      variables: (reference, start, count) =>
        ask({
          ask: 'variables',
          reference,
          ...(start === undefined ? {} : { start }),
          ...(count === undefined ? {} : { count }),
        }),
      evaluate: (code, frame) => ask({ ask: 'evaluate', code, frame }),
      source: async (source) => (await ask<{ lines: string[] }>({ ask: 'source', source })).lines,
      resume: () => ask({ ask: 'resume' }),
    };
  };
  return {
    async open(message, process) {
      const answer = await send('POST', '', { message, process });
      return sessionOf((await answer.json()) as SessionView);
    },
    check: async (process, breakpoints) => {
      const answer = await send('POST', '/check', { process, breakpoints });
      return (await answer.json()) as BreakpointCheck[];
    },
    async watch(process, breakpoints, tell) {
      const stop = new AbortController();
      const answer = await send('POST', '/watch', { process, breakpoints }, stop.signal);
      const events = readEvents(answer);
      const first = await events.next();
      const id = first.done || !('watch' in first.value) ? '' : first.value.watch;
      const follow = async () => {
        for await (const event of events) if ('stopped' in event) tell(sessionOf(event.stopped));
      };
      const ended = follow().catch((error: unknown) => {
        if (!stop.signal.aborted && !(error instanceof TypeError)) throw error; // a broken stream
      });
      return {
        ended,
        setBreakpoints: async (list) => {
          await send('PUT', `/watch/${id}`, { breakpoints: list });
        },
        close: async () => {
          await send('DELETE', `/watch/${id}`, {});
          stop.abort();
        },
      };
    },
  };
}

/** Reads the `data:` lines of server-sent events. */
async function* readEvents(response: Response): AsyncGenerator<WatchEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) yield JSON.parse(line.slice('data:'.length)) as WatchEvent;
    }
  }
}
