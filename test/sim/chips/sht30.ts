import type { Chip } from "./i2c.js"

const BREAK = 0x3093
const SOFT_RESET = 0x30a2
const FETCH = 0xe000
/** Periodic measurements by their command: ms between two. */
const PERIODIC = new Map([
  [0x2032, 2000],
  [0x2130, 1000],
  [0x2236, 500],
  [0x2334, 250],
  [0x2737, 100],
])
const MEASURING_MS = 15.5

/**
 * Sensirion SHT3x-DIS, datasheet version 7: commands of two bytes; in periodic mode only fetching and breaking are taken, and a fetch
 * with nothing new is not acknowledged when it is read.
 */
export class Sht30 implements Chip {
  /** Degrees and per cent. */
  temperature = 20
  humidity = 50
  /** Answers with a wrong CRC. */
  noisy = false
  private command: number[] = []
  private period = 0
  private since = 0
  private fetched = 0
  private busyUntil = 0
  private answer: number[] = []

  constructor(readonly address = 0x44) {}

  select(reading: boolean, now: number): boolean {
    if (now < this.busyUntil) return false
    if (reading) return this.answer.length > 0
    this.command = []
    this.answer = []
    return true
  }

  write(byte: number, now: number): boolean {
    this.command.push(byte)
    if (this.command.length < 2) return true
    const command = ((this.command[0] as number) << 8) | byte
    if (this.period > 0 && command !== FETCH && command !== BREAK) return false
    const period = PERIODIC.get(command)
    if (period !== undefined) {
      this.period = period
      this.since = now
      this.fetched = 0
      return true
    }
    if (command === FETCH) {
      if (this.period === 0) return false
      this.fetch(now)
    } else if (command === BREAK) this.pause(now, 1)
    else if (command === SOFT_RESET) this.pause(now, 1.5)
    else return false
    return true
  }

  read(): number {
    return this.answer.shift() ?? 0xff
  }

  stop(): void {}

  private pause(now: number, ms: number): void {
    this.period = 0
    this.busyUntil = now + ms
  }

  /** The latest result, once. */
  private fetch(now: number): void {
    const done = Math.floor((now - this.since - MEASURING_MS) / this.period) + 1
    if (done <= this.fetched) return
    this.fetched = done
    const words = [((this.temperature + 45) / 175) * 65535, (this.humidity / 100) * 65535].map(Math.round)
    this.answer = words.flatMap((word) => {
      const bytes = [word >> 8, word & 0xff]
      return [...bytes, crc8(bytes) ^ (this.noisy ? 1 : 0)]
    })
  }
}

/** CRC-8 as the datasheet's section 4.12 has it: polynomial 0x31, start 0xff; of BE EF it is 0x92. */
export function crc8(bytes: readonly number[]): number {
  let crc = 0xff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x80) !== 0 ? ((crc << 1) ^ 0x31) & 0xff : (crc << 1) & 0xff
  }
  return crc
}
