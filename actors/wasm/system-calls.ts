/**
 * The C library's calls on files, as modules import them: numbers in, a number out, where a negative
 * one (or, for the calls of WASI, a positive one) is an error's. The files are those of files.ts.
 * Source: emscripten's system call interface; WASI preview 1.
 */
import type { FunctionType } from './binary.js';
import {
  EBADF,
  EINVAL,
  ENOENT,
  ENOMEM,
  ENOSYS,
  ENOTTY,
  EOVERFLOW,
  ERANGE,
  ESPIPE,
} from './errno.js';
import {
  DEVICE_NULL,
  FileError,
  type FileNode,
  type Files,
  resolvePath,
  type Stream,
} from './file-nodes.js';
import { address, type Guest, type GuestMemory } from './guest.js';
import { join } from './time.js';

export type HostFunction = (...args: number[]) => number;
type Binder = (guest: Guest, memory: GuestMemory, type: FunctionType) => HostFunction;

const CWD = -100;
const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const PAGE = 4096;
const MMAP_ALIGNMENT = 65_536;
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

const negative = (run: HostFunction) => guard(-1, run);
const positive = (run: HostFunction) => guard(1, run);

/** The path of a call that may be relative to an open directory. */
function pathAt(files: Files, memory: GuestMemory, directory: number, at: number, empty = false) {
  const text = memory.text(address(at));
  if (text.startsWith('/')) return resolvePath('/', text);
  const base = directory === CWD ? '/' : files.stream(directory).path;
  if (text === '' && !empty) throw new FileError(ENOENT);
  return resolvePath(base, text);
}

const isTerminal = ({ node }: Stream) => node.kind === 'device' && node.device !== DEVICE_NULL;

/** struct stat, whose fields are wider where addresses are. */
function writeStat({ view, pointerBytes }: GuestMemory, at: number, node: FileNode): void {
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

const stat =
  (follow: boolean): Binder =>
  ({ files }, memory) =>
    negative((path = 0, buffer = 0) => {
      const node = files.find(pathAt(files, memory, CWD, path), { follow });
      writeStat(memory, address(buffer), node);
      return 0;
    });

/** Gives the pieces of memory of a read or write in turn; stops after a piece that came short. */
function eachVector(
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

const FCNTL_DUPLICATE = 0;
const FCNTL_GET_FLAGS = 3;
const FCNTL_SET_FLAGS = 4;
const FCNTL_GET_LOCKS = [5, 12];
const FCNTL_FINE = [1, 2, 6, 7, 13, 14];
const IOCTL_GET_ATTRIBUTES = 21_505;
const IOCTL_GET_GROUP = 21_519;
const IOCTL_SET_GROUP = 21_520;
const IOCTL_WINDOW_SIZE = 21_523;
const IOCTL_READABLE = 21_531;
const IOCTL_FIRST = 21_505;
const IOCTL_LAST = 21_524;

const fcntl: Binder = ({ files }, memory) =>
  negative((fd = 0, command = 0, varargs = 0) => {
    const stream = files.stream(fd);
    const argument = () => memory.view.getInt32(address(varargs), true);
    if (command === FCNTL_DUPLICATE) {
      if (argument() < 0) throw new FileError(EINVAL);
      return files.duplicate(fd, argument());
    }
    if (command === FCNTL_GET_FLAGS) return stream.flags;
    if (command === FCNTL_SET_FLAGS) {
      stream.flags |= argument();
      return 0;
    }
    if (FCNTL_GET_LOCKS.includes(command)) {
      memory.view.setInt16(memory.loadPointer(address(varargs)), 2, true);
      return 0;
    }
    return FCNTL_FINE.includes(command) ? 0 : -EINVAL;
  });

/** Settings of the terminal: four words of flags, then from byte 17 the control characters. */
const TERMIOS_FLAGS = [25_856, 5, 191, 35_387];
const TERMIOS_CHARACTERS = [3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22];
const TERMIOS_CHARACTERS_AT = 17;
const TERMIOS_CHARACTERS_COUNT = 32;

const ioctl: Binder = ({ files, format }, memory) =>
  negative((fd = 0, operation = 0, varargs = 0) => {
    const stream = files.stream(fd);
    if (operation === IOCTL_READABLE) throw new FileError(ENOTTY);
    if (operation < IOCTL_FIRST || operation > IOCTL_LAST) throw new FileError(EINVAL);
    if (!isTerminal(stream)) throw new FileError(ENOTTY);
    const { view } = memory;
    const target = () => memory.loadPointer(address(varargs));
    if (operation === IOCTL_SET_GROUP) return -EINVAL;
    if (operation === IOCTL_GET_GROUP) view.setInt32(target(), 0, true);
    if (operation === IOCTL_WINDOW_SIZE && format.hasWindowSize) {
      view.setInt16(target(), 24, true);
      view.setInt16(target() + 2, 80, true);
    }
    if (operation === IOCTL_GET_ATTRIBUTES && format.hasWindowSize) {
      for (const [i, flags] of TERMIOS_FLAGS.entries()) {
        view.setInt32(target() + i * 4, flags, true);
      }
      for (let i = 0; i < TERMIOS_CHARACTERS_COUNT; i += 1) {
        view.setUint8(target() + TERMIOS_CHARACTERS_AT + i, TERMIOS_CHARACTERS[i] ?? 0);
      }
    }
    return 0;
  });

const mmap: Binder = (guest, memory, type) =>
  negative((length = 0, ...rest) => {
    const { files } = guest;
    const hasTwoHalves = type.params.length === 8;
    const [, , fd = 0, low = 0, ...more] = rest;
    const offset = hasTwoHalves ? join(low, more.shift() ?? 0) : low;
    const [allocated = 0, target] = more;
    const { node } = files.stream(fd);
    if (node.kind !== 'file') throw new FileError(EBADF);
    const size = Math.ceil(length / MMAP_ALIGNMENT) * MMAP_ALIGNMENT;
    const at = guest.call('emscripten_builtin_memalign')?.(MMAP_ALIGNMENT, size) ?? 0;
    if (at === 0) throw new FileError(ENOMEM);
    memory.bytes.fill(0, at, at + size);
    memory.bytes.set(node.data.subarray(offset, Math.min(node.size, offset + length)), at);
    memory.view.setInt32(address(allocated), 1, true);
    if (target === undefined) return at;
    memory.storePointer(address(target), at);
    return 0;
  });

const seek: Binder = ({ files }, memory, type) =>
  positive((fd = 0, ...rest) => {
    const offset =
      type.params.length === 5 ? join(rest.shift() ?? 0, rest[0] ?? 0) : (rest[0] ?? 0);
    if (!Number.isSafeInteger(offset)) return EOVERFLOW;
    const [, whence = 0, target = 0] = rest;
    const position = files.seek(files.stream(fd), offset, whence);
    memory.view.setBigInt64(address(target), BigInt(position), true);
    return 0;
  });

const utimes: Binder = (guest, memory) =>
  negative((directory = 0, path = 0, times = 0) => {
    const { files } = guest;
    const where = pathAt(files, memory, directory, path, true);
    const modified = address(times) + 16;
    const seconds = times === 0 ? 0 : Number(memory.view.getBigInt64(modified, true));
    const nanos = times === 0 ? 0 : memory.view.getInt32(modified + 8, true);
    const now = times === 0 ? guest.clock++ : seconds * 1000 + nanos / 1e6;
    files.touch(where, Math.floor(now));
    return 0;
  });

/** Calls on files by the names of their imports. */
export const FILE_CALLS: Readonly<Record<string, Binder>> = {
  __syscall_openat: ({ files }, memory) =>
    negative((directory = 0, path = 0, flags = 0, varargs = 0) => {
      const where = pathAt(files, memory, directory, path);
      const mode = varargs === 0 ? 0 : memory.view.getInt32(address(varargs), true);
      return files.open(where, flags, mode);
    }),
  __syscall_fcntl64: fcntl,
  __syscall_ioctl: ioctl,
  __syscall_dup3: ({ files }) =>
    negative((fd = 0, wanted = 0) => {
      files.stream(fd);
      if (fd === wanted) return -EINVAL;
      if (files.streams[wanted]) files.close(wanted);
      return files.duplicate(fd, wanted);
    }),
  __syscall_unlinkat: ({ files }, memory) =>
    negative((directory = 0, path = 0, flags = 0) => {
      const where = pathAt(files, memory, directory, path);
      files.remove(where, flags === AT_REMOVEDIR ? 'directory' : 'file');
      return 0;
    }),
  __syscall_rmdir: ({ files }, memory) =>
    negative((path = 0) => {
      files.remove(pathAt(files, memory, CWD, path), 'directory');
      return 0;
    }),
  __syscall_mkdirat: ({ files }, memory) =>
    negative((directory = 0, path = 0, mode = 0) => {
      files.makeDirectory(pathAt(files, memory, directory, path), mode);
      return 0;
    }),
  __syscall_renameat: ({ files }, memory) =>
    negative((oldDirectory = 0, oldPath = 0, newDirectory = 0, newPath = 0) => {
      const from = pathAt(files, memory, oldDirectory, oldPath);
      files.rename(from, pathAt(files, memory, newDirectory, newPath));
      return 0;
    }),
  __syscall_readlinkat: ({ files }, memory) =>
    negative((directory = 0, path = 0, buffer = 0, size = 0) => {
      const node = files.find(pathAt(files, memory, directory, path), { follow: false });
      if (node.kind !== 'link' || size <= 0) throw new FileError(EINVAL);
      const bytes = Buffer.from(node.link).subarray(0, size);
      memory.bytes.set(bytes, address(buffer));
      return bytes.length;
    }),
  __syscall_stat64: stat(true),
  __syscall_lstat64: stat(false),
  __syscall_fstat64: ({ files }, memory) =>
    negative((fd = 0, buffer = 0) => {
      writeStat(memory, address(buffer), files.stream(fd).node);
      return 0;
    }),
  __syscall_newfstatat: ({ files }, memory) =>
    negative((directory = 0, path = 0, buffer = 0, flags = 0) => {
      const where = pathAt(files, memory, directory, path, (flags & AT_EMPTY_PATH) !== 0);
      const node = files.find(where, { follow: (flags & AT_SYMLINK_NOFOLLOW) === 0 });
      writeStat(memory, address(buffer), node);
      return 0;
    }),
  __syscall_faccessat: ({ files }, memory) =>
    negative((directory = 0, path = 0, wants = 0) => {
      const { mode } = files.find(pathAt(files, memory, directory, path));
      if (wants & ~7) return -EINVAL;
      return (wants & ~((mode | (mode >> 3) | (mode >> 6)) & 7)) === 0 ? 0 : -2;
    }),
  __syscall_chmod: ({ files }, memory) =>
    negative((path = 0, mode = 0) => {
      files.changeMode(pathAt(files, memory, CWD, path), mode);
      return 0;
    }),
  __syscall_fchmod: ({ files }) =>
    negative((fd = 0, mode = 0) => {
      files.changeMode(files.stream(fd).path, mode);
      return 0;
    }),
  __syscall_fchown32: ({ files }) =>
    negative((fd = 0) => {
      files.stream(fd);
      return 0;
    }),
  __syscall_ftruncate64: ({ files }, _memory, type) =>
    negative((fd = 0, low = 0, high = 0) => {
      const stream = files.stream(fd);
      if ((stream.flags & 3) === 0) throw new FileError(EINVAL);
      files.truncate(stream.node, type.params.length === 3 ? join(low, high) : low);
      return 0;
    }),
  __syscall_utimensat: utimes,
  __syscall_getcwd: (_guest, memory) =>
    negative((buffer = 0, size = 0) => {
      if (size === 0) return -EINVAL;
      if (size < 2) return -ERANGE;
      memory.storeText(address(buffer), '/');
      return 2;
    }),
  _mmap_js: mmap,
  _munmap_js: ({ files }) =>
    negative((...args) => {
      files.stream(args[4] ?? -1);
      return 0;
    }),
  fd_read: ({ files }, memory) =>
    positive((fd = 0, vectors = 0, count = 0, target = 0) => {
      const stream = files.stream(fd);
      const total = eachVector(memory, vectors, count, (bytes) => files.read(stream, bytes));
      memory.storePointer(address(target), total);
      return 0;
    }),
  fd_write: ({ files }, memory) =>
    positive((fd = 0, vectors = 0, count = 0, target = 0) => {
      const stream = files.stream(fd);
      const total = eachVector(memory, vectors, count, (bytes) => files.write(stream, bytes));
      memory.storePointer(address(target), total);
      return 0;
    }),
  fd_close: ({ files }) =>
    positive((fd = 0) => {
      files.close(fd);
      return 0;
    }),
  fd_seek: seek,
  fd_sync: ({ files }) =>
    positive((fd = 0) => {
      files.stream(fd);
      return 0;
    }),
  fd_fdstat_get: ({ files }, memory) =>
    positive((fd = 0, buffer = 0) => {
      const stream = files.stream(fd);
      const { view } = memory;
      const types = { device: 2, directory: 3, link: 7, file: 4 };
      const at = address(buffer);
      view.setInt8(at, isTerminal(stream) ? types.device : types[stream.node.kind]);
      view.setInt16(at + 2, 0, true);
      view.setBigInt64(at + 8, 0n, true);
      view.setBigInt64(at + 16, 0n, true);
      return 0;
    }),
};

/** The same where there are no files: most calls answer nothing, which C takes for success. */
export const NO_FILE_CALLS: Readonly<Record<string, Binder>> = {
  fd_read: () => () => ENOSYS,
  fd_close: () => () => ENOSYS,
  fd_seek: () => () => ESPIPE,
  fd_write:
    (_guest, memory) =>
    (_fd, vectors = 0, count = 0, target = 0) => {
      const total = eachVector(memory, vectors, count, (bytes) => bytes.length);
      memory.storePointer(address(target), total);
      return 0;
    },
};
