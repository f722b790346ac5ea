/**
 * The C library's calls that take a path, as modules import them: numbers in, a number out, where a
 * negative one is an error's. The files are those of files.ts.
 * Source: emscripten's system call interface.
 */
import { type Binder, CWD, negative, pathAt, writeStat } from './call-helpers.js';
import { EINVAL, ERANGE } from './errno.js';
import { FileError } from './file-nodes.js';
import { address } from './guest.js';

const AT_REMOVEDIR = 0x200;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

const stat =
  (follow: boolean): Binder =>
  ({ files }, memory) =>
    negative((path = 0, buffer = 0) => {
      const node = files.find(pathAt(files, memory, CWD, path), { follow });
      writeStat(memory, address(buffer), node);
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

/** Calls by the names of their imports. */
export const PATH_CALLS: Readonly<Record<string, Binder>> = {
  __syscall_openat: ({ files }, memory) =>
    negative((directory = 0, path = 0, flags = 0, varargs = 0) => {
      const where = pathAt(files, memory, directory, path);
      const mode = varargs === 0 ? 0 : memory.view.getInt32(address(varargs), true);
      return files.open(where, flags, mode);
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
  __syscall_utimensat: utimes,
  __syscall_getcwd: (_guest, memory) =>
    negative((buffer = 0, size = 0) => {
      if (size === 0) return -EINVAL;
      if (size < 2) return -ERANGE;
      memory.storeText(address(buffer), '/');
      return 2;
    }),
};
