/**
 * Plans memory before it is there: regions hand out places in order, and what is written into them
 * may name places of regions whose address is not yet known.
 */

/** A spot in a region; its address is known once the region's is. */
export interface Place {
  readonly region: Region;
  readonly offset: number;
}

const ALIGNMENT = 64;

export class Region {
  /** Address, set when all regions are described. */
  base = 0;
  /** Bytes handed out so far. */
  size = 0;
  private readonly writes: ((memory: Uint8Array) => void)[] = [];

  reserve(bytes: number): Place {
    const offset = this.size;
    this.size = Math.ceil((offset + bytes) / ALIGNMENT) * ALIGNMENT;
    return { region: this, offset };
  }

  /** Reserves a place and remembers who writes there, when the memory is there and zero. */
  fill(bytes: number, write: (memory: Uint8Array, address: number) => void): Place {
    const place = this.reserve(bytes);
    this.writes.push((memory) => write(memory, addressOf(place)));
    return place;
  }

  bytes(bytes: Uint8Array): Place {
    return this.fill(bytes.length, (memory, address) => memory.set(bytes, address));
  }

  /** Places 32-bit words, little-endian; a place stands for its address. */
  words(words: readonly (number | Place)[]): Place {
    return this.fill(words.length * 4, (memory, address) => {
      const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
      words.forEach((word, i) => {
        const value = typeof word === 'number' ? word : addressOf(word);
        view.setUint32(address + 4 * i, value, true);
      });
    });
  }

  write(memory: Uint8Array): void {
    for (const write of this.writes) write(memory);
  }
}

export function addressOf({ region, offset }: Place): number {
  return region.base + offset;
}

/** The bits of a number in single precision. */
export function floatBits(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}
