const WRITE_ENABLE = 0x06
const READ_STATUS = 0x05
const READ_DATA = 0x03
const PAGE_PROGRAM = 0x02
const SECTOR_ERASE = 0x20
const BLOCK_ERASE = 0xd8
const UNIQUE_ID = 0x4b
const STATUS_WRITE_ENABLED = 0x02

const PAGE = 256
const SECTOR = 4096
const BLOCK = 65536

/**
 * A serial NOR flash behind a byte port, working on the emulator's flash array.
 * Source: W25Q16JV datasheet, section 8 (standard SPI instructions). Erase and program take no time.
 */
export class FlashChip {
  erases = 0
  programs = 0
  private sent: number[] = []
  private writeEnabled = false
  private readonly page = new Uint8Array(PAGE)
  private pageBytes = 0

  constructor(private readonly array: Uint8Array) {}

  /** Chip select: a falling edge starts an instruction, a rising edge carries it out. */
  select(on: boolean): void {
    if (!on && this.sent.length > 0) this.carryOut()
    this.sent = []
    this.pageBytes = 0
  }

  /** One byte each way. */
  exchange(byte: number): number {
    const n = this.sent.length
    if (n < 4 || this.sent[0] === UNIQUE_ID) this.sent.push(byte)
    else if (this.sent[0] === PAGE_PROGRAM) this.page[this.pageBytes++ & (PAGE - 1)] = byte
    else this.sent.push(byte)
    return n === 0 ? 0 : this.answer(n)
  }

  private answer(n: number): number {
    const command = this.sent[0]
    if (command === READ_STATUS) return this.writeEnabled ? STATUS_WRITE_ENABLED : 0
    if (command === READ_DATA && n >= 4) return this.array[this.address() + n - 4] as number
    if (command === UNIQUE_ID && n >= 5) return (0xe6 + 7 * n) & 0xff
    return 0
  }

  private carryOut(): void {
    const command = this.sent[0]
    if (command === WRITE_ENABLE) {
      this.writeEnabled = true
      return
    }
    if (!this.writeEnabled || this.sent.length < 4) return
    if (command === SECTOR_ERASE) this.erase(SECTOR)
    else if (command === BLOCK_ERASE) this.erase(BLOCK)
    else if (command === PAGE_PROGRAM) this.program()
    else return
    this.writeEnabled = false
  }

  private erase(size: number): void {
    const from = this.address() & ~(size - 1)
    this.array.fill(0xff, from, from + size)
    this.erases++
  }

  /** Programming only clears bits and wraps inside its page (8.2.16). */
  private program(): void {
    const at = this.address()
    const base = at & ~(PAGE - 1)
    for (let i = 0; i < Math.min(this.pageBytes, PAGE); i++) {
      const place = base | ((at + i) & (PAGE - 1))
      this.array[place] = (this.array[place] as number) & (this.page[i] as number)
    }
    this.programs++
  }

  private address(): number {
    return ((this.sent[1] as number) << 16) | ((this.sent[2] as number) << 8) | (this.sent[3] as number)
  }
}
