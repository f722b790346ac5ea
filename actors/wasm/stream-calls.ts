/**
 * The C library's calls on what is open, as modules import them: numbers in, a number out, where a
 * negative one (or, for the calls of WASI, a positive one) is an error's.
 * Source: emscripten's system call interface; WASI preview 1.
 */
import {
  type Binder,
  eachVector,
  isTerminal,
  negative,
  positive,
  writeStat,
} from './call-helpers.js';
import { EBADF, EINVAL, ENOMEM, ENOSYS, ENOTTY, EOVERFLOW, ESPIPE } from './errno.js';
import { FileError } from './file-nodes.js';
import { address } from './guest.js';
import { join } from './time.js';

const MMAP_ALIGNMENT = 65_536;
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

/** Calls by the names of their imports. */
export const STREAM_CALLS: Readonly<Record<string, Binder>> = {
  __syscall_fcntl64: fcntl,
  __syscall_ioctl: ioctl,
  __syscall_dup3: ({ files }) =>
    negative((fd = 0, wanted = 0) => {
      files.stream(fd);
      if (fd === wanted) return -EINVAL;
      if (files.streams[wanted]) files.close(wanted);
      return files.duplicate(fd, wanted);
    }),
  __syscall_fstat64: ({ files }, memory) =>
    negative((fd = 0, buffer = 0) => {
      writeStat(memory, address(buffer), files.stream(fd).node);
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
