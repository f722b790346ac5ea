/**
 * The Debug Adapter Protocol's base: messages as JSON, each after a header that says its length.
 * Source: https://microsoft.github.io/debug-adapter-protocol/overview#base-protocol
 */
import type { Readable, Writable } from 'node:stream';

export interface DapRequest {
  readonly seq: number;
  readonly type: 'request';
  readonly command: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

export interface DapChannel {
  /** Requests in their order, until the input ends. */
  readonly requests: AsyncIterable<DapRequest>;
  respond(request: DapRequest, body?: object): void;
  /** An answer that something did not work; the editor shows the message. */
  refuse(request: DapRequest, message: string): void;
  event(event: string, body?: object): void;
}

/** Longest message that is taken. */
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

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
  return {
    requests: readRequests(input),
    respond: (request, body) => answer(request, true, body ? { body } : {}),
    refuse: (request, message) =>
      answer(request, false, {
        message,
        body: { error: { id: 1, format: '{text}', variables: { text: message }, showUser: true } },
      }),
    event: (event, body) => send({ type: 'event', event, ...(body ? { body } : {}) }),
  };
}

async function* readRequests(input: Readable): AsyncGenerator<DapRequest> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    buffer = Buffer.concat([buffer, Buffer.from(chunk as Uint8Array)]);
    for (;;) {
      const message = takeMessage(buffer);
      if (message === undefined) break;
      buffer = message.rest;
      const parsed = JSON.parse(message.text) as { type?: string };
      if (parsed.type === 'request') yield parsed as DapRequest;
    }
  }
}

/** The first whole message of a buffer, and what is behind it. */
function takeMessage(buffer: Buffer): { text: string; rest: Buffer<ArrayBuffer> } | undefined {
  const end = buffer.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const header = buffer.toString('latin1', 0, end);
  const length = Number(/Content-Length: *(\d+)/i.exec(header)?.[1]);
  if (!(length <= MESSAGE_BYTES_MAX)) {
    throw new Error(`a message of the editor has the header "${header.slice(0, 80)}"`);
  }
  const start = end + 4;
  if (buffer.length < start + length) return undefined;
  const text = buffer.toString('utf8', start, start + length);
  return { text, rest: Buffer.from(buffer.subarray(start + length)) };
}
