/**
 * The small file system that a module's C library finds: directories, files in memory, the standard
 * streams and a null device. It is part of a process's state, and so it can be saved and restored;
 * nothing of it reaches the machine's own files. Numbers (inodes, modes, errno) are emscripten's, so
 * that a process sees what it would see on AO.
 * Source: POSIX; observed behaviour of modules under @permaweb/ao-loader.
 */
import {
  EACCES,
  EBADF,
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ELOOP,
  EMFILE,
  ENOENT,
  ENOSPC,
  ENOTDIR,
  ENOTEMPTY,
  ESPIPE,
} from './errno.js';
import {
  checkOpen,
  collect,
  DEVICE_NULL,
  DEVICE_RANDOM,
  DEVICE_TTY,
  DEVICE_TTY_ERROR,
  FileError,
  type FileNode,
  type Files,
  type FilesOptions,
  grow,
  type NodeKind,
  O_ACCMODE,
  O_TRUNC,
  O_WRONLY,
  resolvePath,
  type SavedFiles,
  type SavedNode,
  type Stream,
  saveNode,
  split,
} from './file-nodes.js';

const S_IFDIR = 0o040000;
const S_IFCHR = 0o020000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;
const O_CREAT = 0o100;
const O_EXCL = 0o200;
const O_APPEND = 0o2000;
const O_DIRECTORY = 0o200000;
const O_NOFOLLOW = 0o400000;
const OPEN_MAX = 4096;
/** Most bytes and nodes of a process's own files: they are the host's memory. */
const BYTES_MAX = 64 * 1024 * 1024;
const NODES_MAX = 10_000;
const LINKS_MAX = 8;

/** The file system of a process that has just begun, standard streams open. */
export function createFiles(options: FilesOptions): Files {
  return new FileSystem(options);
}

/** What there is at first, in the order of emscripten: a path, and the number of a device. */
const FIRST_NODES: readonly (readonly [path: string, device?: number])[] = [
  ...['/tmp', '/home', '/home/web_user', '/dev'].map((path) => [path] as const),
  ['/dev/null', DEVICE_NULL],
  ['/dev/tty', DEVICE_TTY],
  ['/dev/tty1', DEVICE_TTY_ERROR],
  ['/dev/random', DEVICE_RANDOM],
  ['/dev/urandom', DEVICE_RANDOM + 256],
  ...['/dev/shm', '/dev/shm/tmp', '/proc', '/proc/self', '/proc/self/fd'].map(
    (it) => [it] as const,
  ),
];

class FileSystem implements Files {
  readonly #options: FilesOptions;
  #root: FileNode;
  #nextId = 1;
  /** Bytes of the files of the process. */
  #bytes = 0;
  #nodes = 0;
  streams: (Stream | undefined)[] = [];

  constructor(options: FilesOptions) {
    this.#options = options;
    this.#root = this.#make('directory', S_IFDIR | 0o777);
    this.#populate();
  }

  #populate(): void {
    for (const [path, device] of FIRST_NODES) {
      this.#put(path, device === undefined ? 'directory' : 'device', device);
    }
    this.#nextId += 1; // what emscripten mounts over /proc/self/fd
  }

  openStandardStreams(): void {
    const paths = ['/dev/stdin', '/dev/stdout', '/dev/stderr'];
    for (const [fd, path] of paths.entries()) this.#link(path, fd < 2 ? '/dev/tty' : '/dev/tty1');
    for (const [fd, path] of paths.entries()) this.open(path, fd === 0 ? 0 : O_WRONLY, 0);
  }

  #make(kind: NodeKind, mode: number, more: Partial<FileNode> = {}, timestamp = 0): FileNode {
    if (this.#nodes >= NODES_MAX) throw new FileError(ENOSPC);
    this.#nodes += 1;
    const id = this.#nextId;
    this.#nextId += 1;
    const nothing = { data: new Uint8Array(), size: 0, link: '', device: 0, children: new Map() };
    return { id, kind, mode, timestamp, ...nothing, ...more };
  }

  #put(path: string, kind: NodeKind, device = 0): void {
    const { parent, name } = this.#place(path);
    const mode = kind === 'device' ? S_IFCHR | 0o666 : S_IFDIR | 0o777;
    parent.children.set(name, this.#make(kind, mode, { device }));
  }

  #link(path: string, link: string): void {
    const { parent, name } = this.#place(path);
    const timestamp = this.#options.tick();
    parent.children.set(name, this.#make('link', S_IFLNK | 0o777, { link }, timestamp));
    parent.timestamp = timestamp;
  }

  #place(path: string): { parent: FileNode; name: string } {
    const parts = split(path);
    const name = parts.pop();
    if (name === undefined) throw new FileError(EEXIST);
    const parent = this.find(`/${parts.join('/')}`);
    if (parent.kind !== 'directory') throw new FileError(ENOTDIR);
    return { parent, name };
  }

  find(path: string, { follow = true }: { follow?: boolean } = {}, links = 0): FileNode {
    if (links > LINKS_MAX) throw new FileError(ELOOP);
    let node = this.#root;
    const parts = split(path);
    for (const [i, part] of parts.entries()) {
      if (node.kind !== 'directory') throw new FileError(ENOTDIR);
      if ((node.mode & 0o111) === 0) throw new FileError(EACCES);
      const child = node.children.get(part);
      if (!child) throw new FileError(ENOENT);
      node = child;
      if (node.kind === 'link' && (follow || i < parts.length - 1)) {
        const base = `/${parts.slice(0, i).join('/')}`;
        node = this.find(resolvePath(base, node.link), {}, links + 1);
      }
    }
    return node;
  }

  exists(path: string): boolean {
    return this.#lookup(path, true) !== undefined;
  }

  open(path: string, flags: number, mode: number): number {
    if (path === '') throw new FileError(ENOENT);
    let node = this.#lookup(path, (flags & O_NOFOLLOW) === 0);
    const isNew = !node && (flags & O_CREAT) !== 0;
    if (node && flags & O_CREAT && flags & O_EXCL) throw new FileError(EEXIST);
    if (isNew) node = this.#create(path, S_IFREG | (mode & 0o7777));
    if (!node) throw new FileError(ENOENT);
    if (flags & O_DIRECTORY && node.kind !== 'directory') throw new FileError(ENOTDIR);
    if (!isNew) checkOpen(node, flags);
    if (flags & O_TRUNC && !isNew && node.kind !== 'device') this.truncate(node, 0);
    const stream = { node, path, flags: flags & ~(O_EXCL | O_TRUNC | O_NOFOLLOW), position: 0 };
    return this.#addStream(stream, 0);
  }

  #lookup(path: string, follow: boolean): FileNode | undefined {
    try {
      return this.find(path, { follow });
    } catch (error) {
      if (error instanceof FileError) return undefined;
      throw error;
    }
  }

  #create(path: string, mode: number): FileNode {
    const { parent, name } = this.#place(path);
    if ((parent.mode & 0o222) === 0) throw new FileError(EACCES);
    const timestamp = this.#options.tick();
    const node = this.#make('file', mode, {}, timestamp);
    parent.children.set(name, node);
    parent.timestamp = timestamp;
    return node;
  }

  #addStream(stream: Stream, least: number): number {
    let fd = least;
    while (this.streams[fd]) fd += 1;
    if (fd > OPEN_MAX) throw new FileError(EMFILE);
    this.streams[fd] = stream;
    return fd;
  }

  close(fd: number): void {
    this.stream(fd);
    this.streams[fd] = undefined;
  }

  duplicate(fd: number, wanted: number): number {
    return this.#addStream(this.stream(fd), wanted);
  }

  stream(fd: number): Stream {
    const stream = this.streams[fd];
    if (!stream) throw new FileError(EBADF);
    return stream;
  }

  read(stream: Stream, target: Uint8Array): number {
    const { node, position } = stream;
    if ((stream.flags & O_ACCMODE) === O_WRONLY) throw new FileError(EBADF);
    if (node.kind === 'directory') throw new FileError(EISDIR);
    if (node.kind === 'device') return 0;
    const bytes = node.data.subarray(Math.min(position, node.size), node.size);
    const part = bytes.subarray(0, target.length);
    target.set(part);
    stream.position = position + part.length;
    return part.length;
  }

  write(stream: Stream, bytes: Uint8Array): number {
    const { node } = stream;
    if ((stream.flags & O_ACCMODE) === 0) throw new FileError(EBADF);
    if (node.kind === 'directory') throw new FileError(EISDIR);
    if (bytes.length === 0) return 0;
    if (node.kind === 'device') {
      if (node.device !== DEVICE_NULL) node.timestamp = this.#options.tick();
      return bytes.length;
    }
    if (stream.flags & O_APPEND) stream.position = node.size;
    const end = stream.position + bytes.length;
    this.#resize(node, Math.max(node.size, end));
    node.data.set(bytes, stream.position);
    node.timestamp = this.#options.tick();
    stream.position = end;
    return bytes.length;
  }

  seek(stream: Stream, offset: number, whence: number): number {
    if (stream.node.kind === 'device') throw new FileError(ESPIPE);
    const base = [0, stream.position, stream.node.kind === 'file' ? stream.node.size : 0][whence];
    if (base === undefined || base + offset < 0) throw new FileError(EINVAL);
    stream.position = base + offset;
    return stream.position;
  }

  makeDirectory(path: string, mode: number): void {
    const { parent, name } = this.#place(path);
    if (parent.children.has(name)) throw new FileError(EEXIST);
    const timestamp = this.#options.tick();
    const bits = mode & (0o777 | 0o1000);
    parent.children.set(name, this.#make('directory', S_IFDIR | bits, {}, timestamp));
    parent.timestamp = timestamp;
  }

  makePath(path: string): void {
    let made = '';
    for (const part of split(path)) {
      made += `/${part}`;
      if (!this.exists(made)) this.makeDirectory(made, 0o777);
    }
  }

  addRemote(path: string, source: string, data: Uint8Array): void {
    const { parent, name } = this.#place(path);
    const timestamp = this.#options.tick();
    const file = { source, data, size: data.length };
    parent.children.set(name, this.#make('file', S_IFREG | 0o555, file, timestamp));
    parent.timestamp = timestamp;
  }

  remove(path: string, wants: 'file' | 'directory'): void {
    const { parent, name } = this.#place(path);
    const node = parent.children.get(name);
    if (!node) throw new FileError(ENOENT);
    if ((parent.mode & 0o222) === 0) throw new FileError(EACCES);
    if (wants === 'directory' && node.kind !== 'directory') throw new FileError(ENOTDIR);
    if (wants === 'file' && node.kind === 'directory') throw new FileError(EISDIR);
    if (node.children.size > 0) throw new FileError(ENOTEMPTY);
    parent.children.delete(name);
    parent.timestamp = this.#options.tick();
    if (this.streams.some((stream) => stream?.node === node)) return; // its bytes are held on
    this.#nodes -= 1;
    if (node.source === undefined) this.#bytes -= node.size;
  }

  rename(from: string, to: string): void {
    const old = this.#place(from);
    const next = this.#place(to);
    const node = old.parent.children.get(old.name);
    if (!node) throw new FileError(ENOENT);
    const replaced = next.parent.children.get(next.name);
    if (node === replaced) return;
    const below = new Set<FileNode>();
    collect(node, below);
    if (below.has(next.parent)) throw new FileError(EINVAL);
    const isDirectory = replaced?.kind === 'directory';
    if (replaced && isDirectory !== (node.kind === 'directory')) {
      throw new FileError(isDirectory ? EISDIR : ENOTDIR);
    }
    if (replaced && replaced.children.size > 0) throw new FileError(ENOTEMPTY);
    if (replaced === this.#root || node === this.#root) throw new FileError(EBUSY);
    old.parent.children.delete(old.name);
    old.parent.timestamp = this.#options.tick();
    next.parent.children.set(next.name, node);
    next.parent.timestamp = old.parent.timestamp;
  }

  truncate(node: FileNode, size: number): void {
    if (node.kind === 'directory') throw new FileError(EISDIR);
    if (node.kind !== 'file' || size < 0) throw new FileError(EINVAL);
    if ((node.mode & 0o222) === 0) throw new FileError(EACCES);
    this.#resize(node, size);
    node.timestamp = this.#options.tick();
  }

  #resize(node: FileNode, size: number): void {
    const bytes = this.#bytes + size - node.size;
    if (size > node.size && bytes > BYTES_MAX) throw new FileError(ENOSPC);
    grow(node, size);
    if (size < node.size) node.data.fill(0, size, node.size);
    node.size = size;
    this.#bytes = bytes;
  }

  changeMode(path: string, mode: number): void {
    const node = this.find(path);
    node.mode = (mode & 0o7777) | (node.mode & ~0o7777);
    node.timestamp = this.#options.tick();
  }

  touch(path: string, timestamp: number): void {
    this.find(path).timestamp = timestamp;
  }

  save(): Uint8Array {
    const numbers = new Map<Stream, number>();
    const streams = this.streams.map((stream) => {
      if (!stream) return null;
      const same = numbers.get(stream);
      if (same !== undefined) return same;
      numbers.set(stream, numbers.size);
      const { node, path, flags, position } = stream;
      return { node: node.id, path, flags, position };
    });
    const open = this.streams.flatMap((stream) => (stream ? [stream.node] : []));
    const reachable = new Set<FileNode>();
    collect(this.#root, reachable);
    const orphans = open.filter((node) => !reachable.has(node)).map((node) => saveNode('', node));
    const state = {
      next: this.#nextId,
      bytes: this.#bytes,
      root: saveNode('', this.#root),
      orphans,
      streams,
    };
    return Buffer.from(JSON.stringify(state));
  }

  restore(bytes: Uint8Array): void {
    const state = JSON.parse(Buffer.from(bytes).toString('utf8')) as SavedFiles;
    const nodes = new Map<number, FileNode>();
    const load = (saved: SavedNode): FileNode => {
      const { name, data, children, ...fields } = saved;
      const source = saved.source === undefined ? undefined : this.#options.remote(saved.source);
      const node: FileNode = {
        ...fields,
        data: source ?? Uint8Array.from(Buffer.from(data, 'base64')),
        children: new Map(children.map((child) => [child.name, load(child)])),
      };
      nodes.set(node.id, node);
      return node;
    };
    this.#nextId = state.next;
    this.#bytes = state.bytes;
    this.#root = load(state.root);
    state.orphans.forEach(load);
    this.#nodes = nodes.size;
    const streams: Stream[] = [];
    this.streams = state.streams.map((saved) => {
      if (saved === null) return undefined;
      if (typeof saved === 'number') return streams[saved];
      const node = nodes.get(saved.node);
      if (!node) throw new FileError(EBADF);
      streams.push({ ...saved, node });
      return streams.at(-1);
    });
  }
}
