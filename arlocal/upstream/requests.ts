/**
 * Requests to a given gateway: each with a deadline and a bound on what it may answer, and each with
 * an error that names the gateway. What comes back is not believed: the reader verifies it.
 */
import { ArlocalError } from '../errors.js';

export interface UpstreamOptions {
  readonly url: string; // no slash at the end
  readonly fetch: typeof globalThis.fetch;
  /** A signal that fires when a request has taken too long; writing may take longer than reading. */
  readonly deadline: (isWrite: boolean) => AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

export interface Requests {
  readonly url: string;
  /** @throws {UPSTREAM_AWAY, UPSTREAM_TOO_LARGE} */
  get(path: string, maxBytes?: number): Promise<Answer>;
  /** As `get`, for an answer that is short text. @throws {UPSTREAM_REFUSED} if it is no success */
  getText(path: string): Promise<string>;
  /** JSON posted. @throws {UPSTREAM_AWAY} */
  post(path: string, body: unknown): Promise<Answer>;
  /** The data of a GraphQL query. @throws {UPSTREAM_AWAY, UPSTREAM_REFUSED, UPSTREAM_UNTRUE} */
  graphql(query: string, variables: object): Promise<unknown>;
}

/** Bytes of an answer that is no data: a page of GraphQL at most. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Requests under way at once; others wait for their turn. */
const REQUESTS_MAX = 8;

export function createRequests({ url, fetch: request, deadline }: UpstreamOptions): Requests {
  const takeTurn = createTurns(REQUESTS_MAX);

  const send = async (path: string, init: RequestInit, maxBytes: number): Promise<Answer> => {
    const endTurn = await takeTurn();
    try {
      const response = await request(url + path, {
        ...init,
        signal: deadline(init.method === 'POST'),
      });
      const bytes = await readBytes(response, maxBytes);
      if (!bytes) throw new ArlocalError('UPSTREAM_TOO_LARGE', { url, path, limit: maxBytes });
      return { status: response.status, bytes };
    } catch (cause) {
      throw cause instanceof ArlocalError ? cause : away(url, cause);
    } finally {
      endTurn();
    }
  };

  const get = (path: string, maxBytes = ANSWER_BYTES_MAX) => send(path, {}, maxBytes);
  const post = (path: string, body: unknown) => {
    const text = JSON.stringify(body);
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: text };
    return send(path, init, ANSWER_BYTES_MAX + 2 * text.length); // ArLocal answers what was posted
  };
  return {
    url,
    get,
    post,
    async getText(path) {
      const answer = await get(path);
      if (answer.status !== 200) throw refused(url, `GET ${path}`, answer);
      return textOf(answer);
    },
    async graphql(query, variables) {
      const answer = await post('/graphql', { query, variables });
      const json = parseJson(answer);
      const data = json instanceof Map ? json.get('data') : undefined;
      if (answer.status !== 200 || typeof data !== 'object' || data === null) {
        throw refused(url, 'a GraphQL query', answer);
      }
      return data;
    },
  };
}

/** The gateway does not take what it was given, or has no such route. */
export function refused(url: string, what: string, answer: Answer): ArlocalError {
  const reason = textOf(answer).slice(0, 200);
  return new ArlocalError('UPSTREAM_REFUSED', { url, what, status: answer.status, reason });
}

export function textOf({ bytes }: Answer): string {
  return Buffer.from(bytes).toString('utf8');
}

/** The fields of a JSON object; undefined for anything else. */
export function parseJson(answer: Answer): ReadonlyMap<string, unknown> | undefined {
  try {
    return fieldsOf(JSON.parse(textOf(answer)));
  } catch {
    return undefined; // what is no JSON has no fields
  }
}

export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}

/** The body, unless it is longer than allowed: then no more of it is read. */
async function readBytes(response: Response, max: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > max) return undefined; // leaving the loop ends the transfer
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function away(url: string, cause: unknown): ArlocalError {
  const { message, cause: inner } = cause instanceof Error ? cause : new Error(String(cause));
  const reason = inner instanceof Error ? `${message}: ${inner.message}` : message;
  return new ArlocalError('UPSTREAM_AWAY', { url, reason }, { cause });
}

/** Lets so many pass at once, the others in order. @returns takes a turn, which is to be ended */
function createTurns(max: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let free = max;
  const end = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  return async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return end;
  };
}
