/**
 * What the calls on files have in common: how an error becomes a number, and where their paths and
 * bytes are in linear memory.
 */
import type { FunctionType } from './binary.js';
import { EINVAL, ENOENT } from './errno.js';
import {
  DEVICE_NULL,
  FileError,
  type FileNode,
  type Files,
  resolvePath,
  type Stream,
} from './file-nodes.js';
import { address, type Guest, type GuestMemory } from './guest.js';

export type HostFunction = (...args: number[]) => number;
export type Binder = (guest: Guest, memory: GuestMemory, type: FunctionType) => HostFunction;

/** The directory that relative paths begin at. */
export const CWD = -100;
const PAGE = 4096;
/** Pieces of one read or write, as Linux has it. */
const VECTORS_MAX = 1024;

/** Runs a call; a FileError becomes its number, with the sign that the interface wants. */
function guard(sign: 1 | -1, run: HostFunction): HostFunction {
  return (...args) => {
    try {
      return run(...args);
    } catch (error) {
      if (error instanceof FileError) return sign * error.errno;
      throw error;
    }
  };
}

/** For calls whose errors are negative: those of the kernel. */
export const negative = (run: HostFunction) => guard(-1, run);
/** For those whose errors are positive: WASI's. */
export const positive = (run: HostFunction) => guard(1, run);

/** The path of a call that may be relative to an open directory. */
export function pathAt(
  files: Files,
  memory: GuestMemory,
  directory: number,
  at: number,
  empty = false,
) {
  const text = memory.text(address(at));
  if (text.startsWith('/')) return resolvePath('/', text);
  const base = directory === CWD ? '/' : files.stream(directory).path;
  if (text === '' && !empty) throw new FileError(ENOENT);
  return resolvePath(base, text);
}

export const isTerminal = ({ node }: Stream) =>
  node.kind === 'device' && node.device !== DEVICE_NULL;

/** struct stat, whose fields are wider where addresses are. */
export function writeStat({ view, pointerBytes }: GuestMemory, at: number, node: FileNode): void {
  const isWide = pointerBytes === 8;
  const sizes = { directory: PAGE, file: node.size, link: node.link.length, device: 0 };
  const size = sizes[node.kind];
  const blocks = Math.ceil(size / PAGE);
  const isDevice = node.kind === 'device';
  const [seconds, micros] = [Math.floor(node.timestamp / 1000), (node.timestamp % 1000) * 1000];
  let to = at;
  const int = (value: number) => {
    view.setInt32(to, value, true);
    to += 4;
  };
  const long = (value: number) => {
    view.setBigInt64(to, BigInt(value), true);
    to += 8;
  };
  const word = isWide ? long : int;
  int(isDevice ? node.id : 1);
  int(node.mode);
  word(1);
  [0, 0, node.device].forEach(int);
  if (isWide) to += 4;
  long(size);
  int(PAGE);
  int(blocks);
  for (let i = 0; i < 3; i += 1) {
    long(seconds);
    word(micros);
    if (!isWide) to += 4;
  }
  long(node.id);
}

/** Gives the pieces of memory of a read or write in turn; stops after a piece that came short. */
export function eachVector(
  memory: GuestMemory,
  vectors: number,
  count: number,
  use: (bytes: Uint8Array) => number,
): number {
  if (count < 0 || count > VECTORS_MAX) throw new FileError(EINVAL);
  const step = memory.pointerBytes;
  let total = 0;
  for (let i = 0; i < count; i += 1) {
    const at = address(vectors) + i * 2 * step;
    const start = memory.loadPointer(at);
    const length = memory.loadPointer(at + step);
    const done = use(memory.bytes.subarray(start, start + length));
    total += done;
    if (done < length) break;
  }
  return total;
}
