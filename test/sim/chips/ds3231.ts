import { RegisterChip } from "./i2c.js"

/** Maxim DS3231: seven registers of time in BCD that count on, a flag for "has stood still" in the status register. Days up to the month's end. */
export class Ds3231 extends RegisterChip {
  /** Unix time of the chip's clock at the machine's time 0, ms. */
  private zero = 0

  constructor() {
    super(0x68)
    this.registers[0x0f] = 0x88
  }

  /** True until somebody has set it. */
  get stopped(): boolean {
    return ((this.registers[0x0f] as number) & 0x80) !== 0
  }

  /** Gives it the time that it shows at the machine's time 0. */
  start(unix: number): void {
    this.zero = unix
    this.registers[0x0f] = 0
  }

  protected override measure(now: number): void {
    if (this.stopped) return
    const time = new Date(this.zero + now)
    const year = time.getUTCFullYear() - 2000
    const parts = [
      time.getUTCSeconds(),
      time.getUTCMinutes(),
      time.getUTCHours(),
      time.getUTCDay() + 1,
      time.getUTCDate(),
      time.getUTCMonth() + 1,
    ]
    this.registers.set([...parts, year].map((n) => ((n / 10) << 4) | (n % 10)))
  }

  protected override store(register: number, byte: number, now: number): void {
    super.store(register, byte, now)
    if (register !== 6) return
    const n = [...this.registers.subarray(0, 7)].map((bcd) => (bcd >> 4) * 10 + (bcd & 15))
    const [second, minute, hour, , day, month, year] = n as [number, number, number, number, number, number, number]
    this.zero = Date.UTC(2000 + year, month - 1, day, hour, minute, second) - now
  }
}
