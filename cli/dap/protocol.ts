/**
 * The Debug Adapter Protocol's base: messages as JSON, each after a header that says its length.
 * Source: https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol
 */
import type { Readable, Writable } from 'node:stream';
import { CliError } from '../errors.js';

export interface DapRequest {
  readonly seq: number;
  readonly type: 'request';
  readonly command: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export interface DapChannel {
  /**
   * Requests in their order, until the input ends. A message that cannot be read is told to the person
   * at the editor, and left out.
   * @throws {CliError} EDITOR_UNREADABLE where nobody knows any more where a message begins
   */
  readonly requests: AsyncIterable<DapRequest>;
  respond(request: DapRequest, body?: object): void;
  /** An answer that something did not work; the editor shows the message. */
  refuse(request: DapRequest, message: string): void;
  event(event: string, body?: object): void;
  /** Says something to the person at the editor. @param category by default `stderr` */
  tell(text: string, category?: 'stdout' | 'stderr'): void;
}

/** Longest message that is taken, and longest header. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
const HEADER_BYTES_MAX = 4 * 1024;
const SEPARATOR_BYTES = 4;
/** Of what cannot be read. */
const SHOWN = 80;

export function openChannel(input: Readable, output: Writable): DapChannel {
  let seq = 0;
  const send = (message: object) => {
    seq++;
    const text = JSON.stringify({ seq, ...message });
    output.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  };
  const answer = (request: DapRequest, success: boolean, rest: object) =>
    send({
      type: 'response',
      request_seq: request.seq,
      command: request.command,
      success,
      ...rest,
    });
  const event = (name: string, body?: object) =>
    send({ type: 'event', event: name, ...(body ? { body } : {}) });
  const tell = (text: string, category = 'stderr') =>
    event('output', { category, output: `${text}\n` });
  return {
    requests: readRequests(input, tell),
    respond: (request, body) => answer(request, true, body ? { body } : {}),
    refuse: (request, message) =>
      answer(request, false, {
        message,
        body: { error: { id: 1, format: '{text}', variables: { text: message }, showUser: true } },
      }),
    event,
    tell,
  };
}

async function* readRequests(
  input: Readable,
  tell: (text: string) => void,
): AsyncGenerator<DapRequest> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    buffer = Buffer.concat([buffer, Buffer.from(chunk as Uint8Array)]);
    for (;;) {
      const message = takeMessage(buffer);
      if (message === undefined) break;
      buffer = message.rest;
      const read = readMessage(message.text);
      if (typeof read === 'string')
        tell(`the editor sent ${read}: ${message.text.slice(0, SHOWN)}`);
      else if (read.type === 'request') yield read;
    }
  }
}

/** The first whole message of a buffer, and what is behind it. */
function takeMessage(buffer: Buffer): { text: string; rest: Buffer<ArrayBuffer> } | undefined {
  const end = buffer.indexOf('\r\n\r\n');
  const header = buffer.toString('latin1', 0, end < 0 ? SHOWN : end);
  if ((end < 0 ? buffer.length : end) > HEADER_BYTES_MAX) {
    throw unreadable(`a header of more than ${HEADER_BYTES_MAX} bytes`, header);
  }
  if (end < 0) return undefined;
  const length = /^Content-Length: *(\d+)\s*$/im.exec(header)?.[1];
  if (length === undefined) throw unreadable('a header without Content-Length', header);
  if (Number(length) > MESSAGE_BYTES_MAX) {
    throw unreadable(`a message of more than ${MESSAGE_BYTES_MAX} bytes`, header);
  }
  const start = end + SEPARATOR_BYTES;
  const next = start + Number(length);
  if (buffer.length < next) return undefined;
  return { text: buffer.toString('utf8', start, next), rest: Buffer.from(buffer.subarray(next)) };
}

/** @returns what a message is that cannot be read */
function readMessage(text: string): DapRequest | { readonly type: 'other' } | string {
  let message: Partial<Record<keyof DapRequest, unknown>> | null;
  try {
    message = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return 'what is no JSON';
    throw error;
  }
  if (typeof message !== 'object' || message === null) return 'what is no message';
  const { type, seq, command, arguments: args } = message;
  if (type !== 'request') return { type: 'other' }; // an answer to nothing that was asked
  if (!Number.isSafeInteger(seq) || typeof command !== 'string') {
    return 'a request without seq or command';
  }
  const given = typeof args === 'object' && args !== null ? { arguments: args } : {};
  return { type, seq: seq as number, command, ...given } as DapRequest;
}

function unreadable(what: string, header: string): CliError {
  const shown = JSON.stringify(header.slice(0, SHOWN));
  const hint = 'An editor sends `Content-Length: N`, an empty line, and N bytes of JSON.';
  return new CliError('EDITOR_UNREADABLE', `the editor sent ${what}: ${shown}`, hint);
}
