/**
 * Tells of requests that were refused. Clients drop the reason (aoconnect's mainnet mode says "Error
 * sending message" and no more), so it is told where the network runs: writes that were refused, and
 * everything that failed here. Looks at answers only, so that no part has to know of it.
 */
import type { Hono } from 'hono';
import type { NetworkEvent } from '../actors/events.js';

type Refusal = Extract<NetworkEvent, { type: 'refused' }>;

/** Told one by one in a second; of what comes beyond, the last one with the number of the others. */
export const TOLD_PER_SECOND = 10;
const SECOND_MS = 1_000;
const TEXT_MAX = 400;
const PATH_MAX = 120;
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Has a function called once, later. */
export type Later = (run: () => void, delayMs: number) => void;

export interface Refusals {
  /** Has the refusals of a part told. */
  watch(part: string, app: Hono): Hono;
}

export function createRefusals(tell: (event: NetworkEvent) => void, later: Later): Refusals {
  const add = boundRate(tell, later);
  return {
    watch(part, app) {
      const answer = app.fetch;
      app.fetch = async (request, ...rest) => {
        const response = await answer(request, ...rest);
        const { status } = response;
        if (status < 400 || (status < 500 && READS.has(request.method))) return response;
        if (status < 500 && isTool(request)) return response;
        const told = readReason(await response.clone().text());
        add({ type: 'refused', part, ...requestOf(request), status, ...told });
        return response;
      };
      return app;
    },
  };
}

/** Whoever debugs is told why by their debugger. */
function isTool({ url }: Request): boolean {
  return new URL(url).pathname.startsWith('/corral/debug');
}

function boundRate(tell: (event: NetworkEvent) => void, later: Later): (refusal: Refusal) => void {
  let told = 0;
  let untold = 0;
  let last: Refusal | undefined;
  const renew = () => {
    if (last) tell(untold > 1 ? { ...last, others: untold - 1 } : last);
    told = 0;
    untold = 0;
    last = undefined;
  };
  return (refusal) => {
    if (told === 0) later(renew, SECOND_MS);
    if (told < TOLD_PER_SECOND) {
      told++;
      tell(refusal);
      return;
    }
    untold++;
    last = refusal;
  };
}

function requestOf({ method, url }: Request): Pick<Refusal, 'method' | 'path'> {
  return { method, path: new URL(url).pathname.slice(0, PATH_MAX) };
}

/** All parts answer `{ error, code, hint }`; some end the error with the hint. */
function readReason(body: string): Pick<Refusal, 'code' | 'text' | 'hint'> {
  const { error, code, hint } = parseObject(body);
  if (typeof error !== 'string') return { code: 'REFUSED', text: body.slice(0, TEXT_MAX) };
  const isHinted = typeof hint === 'string' && error.endsWith(hint);
  const text = isHinted ? error.slice(0, -hint.length).trim() : error;
  return {
    code: typeof code === 'string' ? code : 'REFUSED',
    text: text.slice(0, TEXT_MAX),
    ...(typeof hint === 'string' ? { hint: hint.slice(0, TEXT_MAX) } : {}),
  };
}

function parseObject(text: string): { error?: unknown; code?: unknown; hint?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {}; // an answer in words
  }
}
