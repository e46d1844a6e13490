/** What the card driver needs from its machine. A board, the simulated card and QEMU each give one. */

/** An SPI bus in mode 0 with one card on it. Full duplex only: some boards lose bytes in one-way transfers. */
export interface SpiBus {
  /** Asks for a clock; the machine takes the nearest it has that is not faster. */
  setClock(hz: number): void
  /** Drives the card's select line: true selects (low). */
  select(on: boolean): void
  /** Sends `tx` and receives as many bytes into `rx`. Both have the same length, at most 4096, and are not the same buffer. */
  xfer(tx: Buffer, rx: Buffer): Promise<void>
}

/** Time as the machine has it. On the board `now` stands still until the fiber yields. */
export interface Clock {
  /** Milliseconds since some start. */
  now(): number
  /** Lets other fibers run for so many milliseconds, at least 1. */
  sleep(ms: number): Promise<void>
}

/** Sectors of 512 bytes, as the file system sees the card. */
export interface BlockDevice {
  /** Capacity in sectors; 0 before the card is initialised. */
  readonly sectors: number
  /** Reads one sector into the first 512 bytes of `into`. @throws CardError */
  read(lba: number, into: Buffer): Promise<void>
  /** Writes one sector and returns when the card has confirmed it. @throws CardError */
  write(lba: number, from: Buffer): Promise<void>
  /** Called between the parts of long work on a sector: lets others run, where there are any. */
  pause(): Promise<void>
}

/** True when one place of the card is at fault: others may do. */
export function isLocal(error: CardError): boolean {
  const code = error.code
  return code === "read" || code === "write" || code === "verify" || code === "refused" || code === "damaged"
}

/**
 * Why the card could not do it.
 * `absent` nobody answers; `timeout` no end in time; `refused` a command was answered with an error; `read`, `write` the card
 * reports a failed block, or sends none; `protected` read-only; `changed` another card sits in the socket; `verify` what is read back differs;
 * `not-fat32`, `exfat`, `fat16`, `gpt`, `no-partition` what is on the card instead of FAT32; `damaged` the file system contradicts
 * itself; `full` no space; `root-full` no directory entry left.
 */
export class CardError extends Error {
  /**
   * @param code one of the words above
   * @param lba the sector concerned, or -1
   * @param answer the card's answer byte, or -1
   */
  constructor(
    readonly code: string,
    readonly lba: number,
    readonly answer: number,
  ) {
    super(`card: ${code}`)
  }
}
