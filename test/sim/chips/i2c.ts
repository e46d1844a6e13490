/** A chip on an I2C bus as the wire sees it: byte by byte. Times are ms. */
export interface Chip {
  readonly address: number
  /** Its address came, for reading or for writing. @returns false when it does not acknowledge */
  select(reading: boolean, now: number): boolean
  /** A byte for it. @returns false when it does not acknowledge */
  write(byte: number, now: number): boolean
  /** Its next byte. */
  read(now: number): number
  /** The transaction is over. */
  stop(now: number): void
}

/**
 * One transaction as DeviceScript's native makes it: a write, then with a repeated start a read.
 * @returns 0, -1 when nobody took what was written, -2 when nobody answered the reading
 */
export function transact(chips: readonly Chip[], address: number, written: Uint8Array, into: Uint8Array, now: number): number {
  const chip = chips.find((candidate) => candidate.address === address)
  if (chip === undefined || !chip.select(false, now)) return -1
  for (const byte of written) {
    if (chip.write(byte, now)) continue
    chip.stop(now)
    return -1
  }
  const answers = into.length === 0 || chip.select(true, now)
  if (answers) for (let i = 0; i < into.length; i++) into[i] = chip.read(now)
  chip.stop(now)
  return answers ? 0 : -2
}

/** A chip with 256 registers of one byte: the first byte written is the register, the rest and what is read go on from there. */
export abstract class RegisterChip implements Chip {
  protected readonly registers = new Uint8Array(256)
  private pointer = 0
  private pointed = false

  constructor(readonly address: number) {}

  select(reading: boolean, now: number): boolean {
    if (!reading) this.pointed = false
    else this.measure(now)
    return true
  }

  write(byte: number, now: number): boolean {
    if (this.pointed) {
      this.store(this.pointer, byte, now)
      this.advance()
    } else this.pointer = byte
    this.pointed = true
    return true
  }

  read(): number {
    const byte = this.registers[this.pointer] as number
    this.advance()
    return byte
  }

  stop(): void {}

  /** Brings the registers up to date before they are read. */
  protected measure(_now: number): void {}

  /** A byte written to a register. */
  protected store(register: number, byte: number, _now: number): void {
    this.registers[register] = byte
  }

  protected increments(): boolean {
    return true
  }

  private advance(): void {
    if (this.increments()) this.pointer = (this.pointer + 1) & 255
  }
}
