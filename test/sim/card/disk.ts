import type { Source } from "../../../host/bytes/source.js"

/** Sectors at rest, for the simulated card. */
export interface Disk {
  readonly sectors: number
  /** 512 bytes, not to be changed by the caller. */
  read(lba: number): Uint8Array
  write(lba: number, data: Uint8Array): void
}

const ZEROS = new Uint8Array(512)

/** A whole image in memory; writes go into it. */
export function memoryDisk(image: Uint8Array): Disk {
  return {
    sectors: image.length / 512,
    read: (lba) => image.subarray(lba * 512, lba * 512 + 512),
    write: (lba, data) => image.set(data.subarray(0, 512), lba * 512),
  }
}

/** Only the written sectors are kept; others come from `below`, or are zero. */
export class SparseDisk implements Disk {
  private readonly written = new Map<number, Uint8Array>()

  constructor(
    readonly sectors: number,
    private readonly below: Disk | null = null,
  ) {}

  read(lba: number): Uint8Array {
    return this.written.get(lba) ?? (this.below !== null && lba < this.below.sectors ? this.below.read(lba) : ZEROS)
  }

  write(lba: number, data: Uint8Array): void {
    this.written.set(lba, Uint8Array.from(data.subarray(0, 512)))
  }

  /** The whole disk as one image. */
  image(): Buffer {
    const image = Buffer.alloc(this.sectors * 512)
    if (this.below !== null) for (let lba = 0; lba < this.below.sectors; lba++) image.set(this.below.read(lba), lba * 512)
    for (const [lba, data] of this.written) image.set(data, lba * 512)
    return image
  }
}

/** A disk as a source for the laptop's readers. */
export function diskSource(disk: Disk): Source {
  const size = disk.sectors * 512
  return {
    name: "card.img",
    size,
    async read(at, length, into) {
      const n = Math.max(0, Math.min(length, size - at))
      const target = into ?? new Uint8Array(n)
      for (let done = 0; done < n; ) {
        const within = (at + done) % 512
        const part = Math.min(512 - within, n - done)
        target.set(disk.read((at + done - within) / 512).subarray(within, within + part), done)
        done += part
      }
      return target.subarray(0, n)
    },
    async refresh() {
      return size
    },
    async close() {},
  }
}
