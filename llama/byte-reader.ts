/**
 * Reads little-endian values from a byte view without copying it; running off the end is a clear
 * error that says what was being read.
 */
import { LlamaError } from './errors.js';

export class ByteReader {
  readonly bytes: Uint8Array;
  position = 0;
  private readonly view: DataView;
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves past `length` bytes and returns where they start. */
  take(length: number, what: string): number {
    const start = this.position;
    if (length > this.bytes.length - start) {
      throw new LlamaError(
        'GGUF_TRUNCATED',
        `The model file ends within ${what}: ${length} bytes wanted at ${start} of ${this.bytes.length}.`,
        { what, wanted: length, at: start, size: this.bytes.length },
      );
    }
    this.position += length;
    return start;
  }

  u8 = (what: string) => this.view.getUint8(this.take(1, what));
  i8 = (what: string) => this.view.getInt8(this.take(1, what));
  u16 = (what: string) => this.view.getUint16(this.take(2, what), true);
  i16 = (what: string) => this.view.getInt16(this.take(2, what), true);
  u32 = (what: string) => this.view.getUint32(this.take(4, what), true);
  i32 = (what: string) => this.view.getInt32(this.take(4, what), true);
  f32 = (what: string) => this.view.getFloat32(this.take(4, what), true);
  f64 = (what: string) => this.view.getFloat64(this.take(8, what), true);
  i64 = (what: string) => Number(this.view.getBigInt64(this.take(8, what), true));

  /** A 64-bit count, length or offset; beyond 2^53 no file reaches, so that is damage. */
  u64(what: string): number {
    const value = this.view.getBigUint64(this.take(8, what), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new LlamaError('GGUF_MALFORMED', `The model file gives ${value} as ${what}.`, {
        what,
        value,
      });
    }
    return Number(value);
  }

  text(what: string): string {
    const length = this.u64(`the length of ${what}`);
    const start = this.take(length, what);
    return this.decoder.decode(this.bytes.subarray(start, start + length));
  }
}
