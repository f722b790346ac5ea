/**
 * The C library's calendar as modules import it: struct tm in linear memory, always UTC, always the
 * "C" locale. The layout of the imports' arguments differs with the age and width of a build, and is
 * told from their number and types.
 * Source: emscripten's struct tm; observed behaviour of modules under @permaweb/ao-loader.
 */
import { formatTm, readTm } from '../lua/host-time.js';
import type { FunctionType } from './binary.js';
import { address, type Guest, type GuestMemory } from './guest.js';

type HostFunction = (...args: number[]) => number;

const DAY_MS = 86_400_000;
const YEAR_FIELD = 20;
const DAYLIGHT_FIELD = 32;
const OFFSET_FIELD = 36;
const WIDE_OFFSET_FIELD = 40;

/** `gmtime(seconds, tm)`, where old builds give the address of the seconds. */
export function bindTimeToTm(
  memory: GuestMemory,
  type: FunctionType,
  isLocal: boolean,
): HostFunction {
  const { params } = type;
  return (...args) => {
    const tm = address(args.at(-1) ?? 0);
    const first = args[0] ?? 0;
    let seconds = first;
    if (params.length === 3) seconds = join(first, args[1] ?? 0);
    else if (params[0] === 'i32') seconds = memory.view.getInt32(address(first), true);
    writeTm(memory, tm, seconds * 1000);
    if (isLocal) writeZone(memory, tm);
    return 0;
  };
}

/** A 64-bit number that came in two halves. */
export function join(low: number, high: number): number {
  return (low >>> 0) + high * 2 ** 32;
}

function writeTm({ view }: GuestMemory, tm: number, timeMs: number): void {
  const date = new Date(timeMs);
  const year = date.getUTCFullYear();
  const fields = [
    date.getUTCSeconds(),
    date.getUTCMinutes(),
    date.getUTCHours(),
    date.getUTCDate(),
    date.getUTCMonth(),
    year - 1900,
    date.getUTCDay(),
    Math.floor((date.getTime() - Date.UTC(year, 0)) / DAY_MS),
  ];
  fields.forEach((field, index) => {
    view.setInt32(tm + index * 4, field, true);
  });
}

function writeZone({ view, pointerBytes }: GuestMemory, tm: number): void {
  view.setInt32(tm + DAYLIGHT_FIELD, 0, true);
  if (pointerBytes === 8) view.setBigInt64(tm + WIDE_OFFSET_FIELD, 0n, true);
  else view.setInt32(tm + OFFSET_FIELD, 0, true);
}

/** `mktime(tm)`: brings the fields into range. A 64-bit answer of a 32-bit build has two halves. */
export function bindMktime(guest: Guest, memory: GuestMemory): HostFunction {
  return (given = 0) => {
    const tm = address(given);
    const seconds = Number(readTm(memory.view, tm));
    const year = memory.view.getInt32(tm + YEAR_FIELD, true);
    writeTm(memory, tm, seconds * 1000);
    if (memory.view.getInt32(tm + DAYLIGHT_FIELD, true) < 0) {
      memory.view.setInt32(tm + DAYLIGHT_FIELD, 0, true);
    }
    if (guest.format.main !== 'never' && guest.format.textSpace === 'fourfold') {
      memory.view.setInt32(tm + YEAR_FIELD, year, true); // the oldest builds leave the year
    }
    if (guest.format.isWide) return seconds;
    guest.call('_emscripten_tempret_set')?.(Math.floor(seconds / 2 ** 32));
    return seconds | 0;
  };
}

/** `tzset`: the zone is UTC. Newer builds give room for its name, older ones ask once. */
export function bindTzset(guest: Guest, memory: GuestMemory, type: FunctionType): HostFunction {
  return (timezone = 0, daylight = 0, first = 0, second = 0) => {
    if (type.params.length === 4) {
      memory.storePointer(address(timezone), 0);
      memory.view.setInt32(address(daylight), 0, true);
      memory.storeText(address(second), 'UTC');
      memory.storeText(address(first), 'UTC');
      return 0;
    }
    if (guest.knowsZone) return 0;
    guest.knowsZone = true;
    memory.view.setInt32(address(timezone), 0, true);
    memory.view.setInt32(address(daylight), 0, true);
    const [winter, summer] = [0, 1].map(() => {
      const name = guest.call('malloc')?.(ZONE_NAME.length + 1) ?? 0;
      if (name !== 0) memory.storeText(name, ZONE_NAME);
      return name;
    });
    memory.storePointer(address(first), summer ?? 0);
    memory.storePointer(address(first) + 4, winter ?? 0);
    return 0;
  };
}

const ZONE_NAME = 'Coordinated Universal Time';

/** `strftime(target, size, format, tm)`: @returns the bytes written, 0 if they do not fit */
export function bindStrftime(memory: GuestMemory): HostFunction {
  return (target = 0, size = 0, format = 0, tm = 0) => {
    const at = address(tm);
    const zone = memory.loadPointer(at + (memory.pointerBytes === 8 ? 48 : 40));
    const pattern = memory
      .text(address(format))
      .replace(/%E?c/g, '%a %b %d %H:%M:%S %Y')
      .replace(/%Z/g, zone === 0 ? '' : memory.text(zone));
    const text = formatTm(memory.view, at, pattern);
    if (Buffer.byteLength(text) + 1 > size) return 0;
    return memory.storeText(address(target), text);
  };
}
