/** Numbers of C's errno as WebAssembly's C libraries have them. Source: WASI preview 1, `errno`. */
export const EACCES = 2;
export const EBADF = 8;
export const EBUSY = 10;
export const EEXIST = 20;
export const EINVAL = 28;
export const EISDIR = 31;
export const ELOOP = 32;
export const EMFILE = 33;
export const ENOENT = 44;
export const ENOMEM = 48;
export const ENOSYS = 52;
export const ENOTDIR = 54;
export const ENOTEMPTY = 55;
export const ENOTTY = 59;
export const EOVERFLOW = 61;
export const ERANGE = 68;
export const ESPIPE = 70;
