/** What a simulated card is like: every fault that the driver must survive is an option here or a method of the card. */

/** Time that bytes on the wire and sleeping pass. */
export interface VirtualClock {
  micros: number
}

export interface CardOptions {
  /** SDSC (byte addresses, CSD 1) or SDHC (block addresses, CSD 2). */
  kind: "sdsc" | "sdhc" | "v1"
  /** Serial number in the CID. */
  serial: number
  /** Idle bytes before R1, 0 to 8. */
  r1Delay: number
  /** ACMD41s that are answered "idle" before the card is ready. */
  wakeCommands: number
  /** Microseconds from CMD17 to the data token. */
  readDelay: number
  /** Microseconds of busy after the n-th data block of the card's life, its place given. */
  busy: (n: number, lba: number) => number
  /** Microseconds of busy after the stop token. */
  busyAfterStop: number
  /**
   * Microseconds for which the card pulls the line low when it is selected the n-th time after a write, though it had been ready: FatFs
   * (elm-chan.org/docs/mmc/mmc_e.html, "Busy") and SdFat (SdSpiCard::cardCommand) wait for 0xFF at each selection for that reason;
   * "the DataOut line will be forced back to low": github.com/PelionIoT/sd-driver/pull/61.
   */
  busyAfterSelect: (n: number) => number
  /** The card checks the CRC-7 of each command, not only of CMD0 and CMD8: github.com/micropython/micropython-lib/pull/1088 is about one that does. */
  checksCommands: boolean
  /** Of an erase, microseconds; one that never ended was seen: github.com/rabbitholecomputing/SDIO_RP2350/issues/3. CMD0 ends it. */
  eraseBusy: number
  /**
   * What comes instead of a sector that the card cannot read: an error token, "card ECC failed" (SD Physical Layer Simplified Specification
   * 7.3.3.3), or nothing at all, as cards with worn sectors do (github.com/greiman/SdFat/issues/96).
   */
  unreadable: (lba: number) => "token" | "silent" | null
  /**
   * R1 of the n-th command of an index after each CMD0, instead of the right one; 0xff is silence. A card that is waking up answers ACMD41 so:
   * github.com/carlk3/no-OS-FatFS-SD-SDIO-SPI-RPi-Pico/pull/107; one that checks CRCs may answer 09.
   */
  odd: (index: number, n: number) => number | null
  /** Readings of the CSD whose check sum is wrong. Neither SdFat nor FatFs looks at it, so that such a card works elsewhere. */
  wrongCsd: number
  /** CMD59: obeyed, refused for ever, or refused the first time. */
  cmd59: "obeyed" | "illegal" | "second-try"
  /** The card checks data CRCs whatever CMD59 said. */
  insistsOnCrc: boolean
  /** CMD58 answers "idle" though the card is ready, as QEMU's does. */
  cmd58Idle: boolean
  /** What erased sectors read as; `nothing` says done and does nothing; `illegal` knows no erase. */
  erase: 0x00 | 0xff | "nothing" | "illegal"
  /** CSD's write protection bits: writes are refused. */
  writeProtected: boolean
  /** Sectors that the CSD claims, when it differs from the disk. */
  claims: number
  /** Response to the n-th data block: accepted, CRC error or write error. */
  response: (n: number, lba: number) => 0x05 | 0x0b | 0x0d
  /** Accepted blocks of the stream that a write error takes back, as ACMD22 then tells. */
  takenBack: number
  /** Above this clock what the card sends is garbled. */
  cleanHz: number
  /** Above this clock the data blocks that it receives are garbled. */
  cleanWriteHz: number
  /** Level of the line when nobody drives it. */
  idleLevel: 0x00 | 0xff
  /** The byte after the stop token, before busy shows. */
  gap: number
}

/** A card without faults. */
export const DEFAULTS: CardOptions = {
  kind: "sdhc",
  serial: 0x12345678,
  r1Delay: 1,
  wakeCommands: 2,
  readDelay: 100,
  busy: () => 800,
  busyAfterStop: 1000,
  busyAfterSelect: () => 0,
  checksCommands: true,
  eraseBusy: 5000,
  unreadable: () => null,
  odd: () => null,
  wrongCsd: 0,
  cmd59: "obeyed",
  insistsOnCrc: false,
  cmd58Idle: false,
  erase: 0xff,
  writeProtected: false,
  claims: 0,
  response: () => 0x05,
  takenBack: 0,
  cleanHz: 50_000_000,
  cleanWriteHz: 50_000_000,
  idleLevel: 0xff,
  gap: 0xff,
}
