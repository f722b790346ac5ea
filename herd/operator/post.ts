/**
 * One POST of JSON to somebody else's server, which may be dead, slow or wrong: the outcome is a value,
 * not an error. Redirects are not followed, so that a request goes where it was meant to go only.
 */
import type { Timer } from './timer.js';

export type Fetch = typeof fetch;

export interface PostRequest {
  readonly url: string;
  readonly body: string; // JSON
  readonly headers?: Readonly<Record<string, string>>;
  /** Given up after this time. */
  readonly limitMs: number;
}

/** @returns why it failed, undefined if the server answered with a 2xx status */
export async function postJson(
  { fetch, timer }: { readonly fetch: Fetch; readonly timer: Timer },
  { url, body, headers, limitMs }: PostRequest,
): Promise<string | undefined> {
  const timeout = new AbortController();
  const cancel = timer.after(limitMs, () => timeout.abort());
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: timeout.signal,
    });
    await response.body?.cancel(); // what it says is of no interest, and may never end
    return response.ok ? undefined : `HTTP ${response.status}`;
  } catch (error) {
    if (timeout.signal.aborted) return `no answer within ${limitMs / 1000} s`;
    return reasonOf(error);
  } finally {
    cancel();
  }
}

/** `fetch failed` says nothing; its cause does: ECONNREFUSED, ENOTFOUND, bad port. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as {
    cause?: { code?: unknown; message?: unknown };
    message?: unknown;
  };
  return String(cause?.code ?? cause?.message ?? message ?? error);
}
