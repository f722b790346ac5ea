/** One endpoint of another network: requests with a deadline and a bound, and errors that name it. */
import { type Fields, fieldsOf } from '../../arlocal/json-fields.js';
import { KitError, show } from '../errors.js';

export interface Answered {
  readonly bytes: Buffer;
  readonly headers: Headers;
}

export interface Endpoint {
  readonly url: string;
  /**
   * @throws {ADOPT_AWAY} if nobody answers, or somebody who cannot at the moment
   * @throws {ADOPT_REFUSED} if it says no, {ADOPT_UNREADABLE} if it says too much
   */
  get(path: string, bytesMax?: number): Promise<Answered>;
  /** Fields of a JSON object. @throws {ADOPT_UNREADABLE} and as `get` */
  getFields(path: string): Promise<Fields>;
}

const DEADLINE_MS = 30_000;
/** A page of a log: Corral's own end at 64 MiB of data. */
const JSON_BYTES_MAX = 256 * 1024 * 1024;

export function createEndpoint(url: string): Endpoint {
  const get = async (path: string, bytesMax = JSON_BYTES_MAX): Promise<Answered> => {
    const { response, bytes } = await ask(url + path, bytesMax);
    const { status, headers } = response;
    if (status === 200) return { bytes, headers };
    const reason = bytes.toString('utf8').slice(0, 200);
    const isBusy = status >= 500 || status === 429 || status === 202;
    throw new KitError(
      isBusy ? 'ADOPT_AWAY' : 'ADOPT_REFUSED',
      `${url}${path} answered ${status}: ${reason}`,
      {
        hint: isBusy
          ? 'Try again later: what was adopted so far stays.'
          : 'Look whether the process is there, and the URL is that of the right unit.',
        details: { url, path, status },
      },
    );
  };
  return {
    url,
    get,
    async getFields(path) {
      const { bytes } = await get(path);
      const text = bytes.toString('utf8');
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch (cause) {
        throw unreadable(url, path, `${show(text)} is no JSON`, cause);
      }
      if (typeof json !== 'object' || json === null) {
        throw unreadable(url, path, `${show(text)} is no object`);
      }
      return fieldsOf(json);
    },
  };
}

/** What an endpoint says cannot be what it was asked for. */
export function unreadable(url: string, path: string, why: string, cause?: unknown): KitError {
  return new KitError('ADOPT_UNREADABLE', `what ${url}${path} answers cannot be read: ${why}`, {
    hint: 'Give the URL of a scheduler unit as su, of a compute unit as cu, of a node as node.',
    details: { url, path },
    cause,
  });
}

async function ask(url: string, bytesMax: number) {
  try {
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const response = await fetch(url, { signal, headers: { Accept: 'application/json' } });
    return { response, bytes: await readBytes(response, url, bytesMax) };
  } catch (cause) {
    if (cause instanceof KitError) throw cause;
    const { message, cause: inner } = cause as Error;
    const reason = inner instanceof Error ? `${message}: ${inner.message}` : message;
    throw new KitError('ADOPT_AWAY', `${url} does not answer: ${reason}`, {
      hint: 'Start what should be there, or mend the URL, and touch the process again.',
      details: { url },
      cause,
    });
  }
}

async function readBytes(response: Response, url: string, max: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > max) throw unreadable(url, '', `it has more than ${max} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
