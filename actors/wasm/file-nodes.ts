/**
 * Nodes and paths of the file system in files.ts, and the form in which it is saved.
 */

import { EACCES, EISDIR, ELOOP, ENAMETOOLONG } from './errno.js';

export const O_ACCMODE = 0o3;
export const O_WRONLY = 0o1;
export const O_TRUNC = 0o1000;
const O_RDWR = 0o2;
/** Names in a path. */
const DEPTH_MAX = 100;

/** A call that failed: the number is what C finds in errno. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly errno: number;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

export type NodeKind = 'directory' | 'file' | 'link' | 'device';

export interface FileNode {
  readonly id: number;
  readonly kind: NodeKind;
  mode: number;
  timestamp: number;
  /** Bytes of a file; `size` of them are in use. */
  data: Uint8Array;
  size: number;
  /** Where a link leads. */
  readonly link: string;
  /** `major << 8 | minor` of a device. */
  readonly device: number;
  /** Where the bytes of a file are that is not of the process: an address on the gateway. */
  readonly source?: string;
  readonly children: Map<string, FileNode>;
}

export interface Stream {
  readonly node: FileNode;
  readonly path: string;
  flags: number;
  position: number;
}

export const DEVICE_NULL = (1 << 8) | 3;
export const DEVICE_TTY = 5 << 8;
export const DEVICE_TTY_ERROR = 6 << 8;
export const DEVICE_RANDOM = 64 << 8;

export interface SavedNode extends Omit<FileNode, 'data' | 'children'> {
  readonly name: string;
  readonly data: string;
  readonly children: readonly SavedNode[];
}

export interface SavedFiles {
  readonly next: number;
  readonly bytes: number;
  readonly root: SavedNode;
  readonly orphans: readonly SavedNode[];
  readonly streams: readonly (
    | null
    | number
    | { node: number; path: string; flags: number; position: number }
  )[];
}

export function saveNode(name: string, node: FileNode): SavedNode {
  const { data, children, ...fields } = node;
  const bytes = node.source === undefined ? data.subarray(0, node.size) : new Uint8Array();
  return {
    ...fields,
    name,
    data: Buffer.from(bytes).toString('base64'),
    children: [...children].map(([childName, child]) => saveNode(childName, child)),
  };
}

/** Every node that can be reached from another. */
export function collect(node: FileNode, into: Set<FileNode>): void {
  into.add(node);
  for (const child of node.children.values()) collect(child, into);
}

export interface Files {
  readonly streams: (Stream | undefined)[];
  /** Makes and opens standard input, output and error, in the order of emscripten: 3 ticks. */
  openStandardStreams(): void;
  open(path: string, flags: number, mode: number): number;
  close(fd: number): void;
  duplicate(fd: number, wanted: number): number;
  stream(fd: number): Stream;
  read(stream: Stream, target: Uint8Array): number;
  write(stream: Stream, bytes: Uint8Array): number;
  seek(stream: Stream, offset: number, whence: number): number;
  /** @throws {FileError} if there is none */
  find(path: string, options?: { follow?: boolean }): FileNode;
  exists(path: string): boolean;
  makeDirectory(path: string, mode: number): void;
  /** Makes each directory of a path that is not there yet. */
  makePath(path: string): void;
  /** A file that cannot be changed and whose bytes are on the gateway. */
  addRemote(path: string, source: string, bytes: Uint8Array): void;
  remove(path: string, wants: 'file' | 'directory'): void;
  rename(from: string, to: string): void;
  truncate(node: FileNode, size: number): void;
  changeMode(path: string, mode: number): void;
  touch(path: string, timestamp: number): void;
  save(): Uint8Array;
  restore(state: Uint8Array): void;
}

export interface FilesOptions {
  /** The time that a change is stamped with, in ms. */
  readonly tick: () => number;
  /** Bytes of a source of `addRemote`, when a saved state is restored. */
  readonly remote: (source: string) => Uint8Array | undefined;
}

/** @throws {FileError} when a node may not be opened like that */
export function checkOpen(node: FileNode, flags: number): void {
  const access = flags & O_ACCMODE;
  if (node.kind === 'link') throw new FileError(ELOOP);
  const writes = access === O_WRONLY || access === O_RDWR || (flags & O_TRUNC) !== 0;
  if (node.kind === 'directory' && writes) throw new FileError(EISDIR);
  const reads = access === 0 || access === O_RDWR;
  if (reads && (node.mode & 0o444) === 0) throw new FileError(EACCES);
  if (writes && (node.mode & 0o222) === 0) throw new FileError(EACCES);
}

/** Makes room for so many bytes. */
export function grow(node: FileNode, size: number): void {
  if (size <= node.data.length) return;
  const data = new Uint8Array(Math.max(size, node.data.length * 2));
  data.set(node.data.subarray(0, node.size));
  node.data = data;
}

/** The names in a path, `.` and `..` taken out. */
export function split(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  if (parts.length > DEPTH_MAX) throw new FileError(ENAMETOOLONG);
  return parts;
}

/** An absolute path, from one that may be relative to a directory. */
export function resolvePath(directory: string, path: string): string {
  return `/${split(path.startsWith('/') ? path : `${directory}/${path}`).join('/')}`;
}
