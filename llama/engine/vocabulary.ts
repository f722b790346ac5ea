/** Finds token ids by their text: a hash table that the host has filled, spaces as spaces. */
import { Key, program } from './memory';

/** Id of the token with this text, -1: there is none. */
export function findToken(text: usize, bytes: u32): i32 {
  const p = program();
  const hash = hashBytes(text, bytes);
  let slot = hash & p.keyMask;
  while (true) {
    const key = changetype<Key>(p.keys + usize(slot) * offsetof<Key>());
    if (key.bytes == 0) return -1;
    if (key.hash == hash && key.bytes == bytes && isSame(key.text, text, bytes)) return key.id;
    slot = (slot + 1) & p.keyMask;
  }
}

/** FNV-1a. */
function hashBytes(text: usize, bytes: u32): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let i: u32 = 0; i < bytes; i++) hash = (hash ^ load<u8>(text + i)) * 0x01000193;
  return hash;
}

export function isSame(a: usize, b: usize, bytes: u32): bool {
  for (let i: u32 = 0; i < bytes; i++) if (load<u8>(a + i) != load<u8>(b + i)) return false;
  return true;
}
