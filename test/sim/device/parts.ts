import { type Chip, transact } from "../chips/i2c.js"
import { bytecode } from "./build.js"
import { startVm, type Vm } from "./vm.js"

/** One part of the board in the machine, by its number in `programs/parts.ts`. */
export const PARTS = {
  mpu6050: 1,
  lsm6ds: 2,
  sht30: 3,
  analog: 4,
  digital: 5,
  pulses: 6,
  chipTemperature: 7,
  clockChip: 8,
  button: 9,
  light: 10,
  network: 11,
  flash: 12,
  bme680: 13,
} as const

/** What the part said, and the samples that it gave. */
export interface Part {
  readonly vm: Vm
  /** What it told, with its time in ms. */
  readonly told: { at: number; text: string; value: number }[]
  /** Twelve values a sample; null where the sensor did not answer. */
  readonly rows: (number[] | null)[]
  /** Asks for the sensor to be set up again before the next sample. */
  start(): void
}

/** What is around the part. */
export interface Surroundings {
  readonly chips?: readonly Chip[]
  /** Level or voltage of the pin at a time in ms; 1 by default. */
  pin?(now: number): number
  /** ms between two samples. */
  readonly period?: number
  /** The clock chip is set after it was read. */
  readonly set?: boolean
  /** Other words that the program says. */
  heard?(name: string, value: number): void
  /** Bytes that it sends outside a transaction. */
  sent?(bytes: Uint8Array): void
}

/** Starts a part; `vm.run` lets it work. */
export async function startPart(part: keyof typeof PARTS, around: Surroundings = {}): Promise<Part> {
  const told: Part["told"] = []
  const rows: Part["rows"] = []
  let starting = true
  let next = ""
  let now = 0
  const answers: Record<string, () => number> = {
    part: () => PARTS[part],
    pin: () => around.pin?.(now) ?? 1,
    period: () => around.period ?? 10,
    set: () => Number(around.set ?? false),
    start() {
      const asked = starting
      starting = false
      return Number(asked)
    },
  }
  const vm = await startVm(bytecode("test/device/programs/parts.ts"), {
    ask: (name, at) => {
      now = at
      return answers[name]?.()
    },
    tell(text, value, at) {
      if (text === "transfer" || text === "row") next = text
      else {
        told.push({ at, text, value })
        around.heard?.(text, value)
      }
    },
    exchange(bytes, at) {
      if (next === "transfer") transfer(around.chips ?? [], bytes, at)
      else if (next === "row") rows.push(row(bytes))
      else around.sent?.(bytes)
      next = ""
    },
  })
  return {
    vm,
    told,
    rows,
    start() {
      starting = true
    },
  }
}

function transfer(chips: readonly Chip[], frame: Uint8Array, now: number): void {
  const [, address, writes, reads] = frame as unknown as [number, number, number, number]
  const into = frame.subarray(4 + writes, 4 + writes + reads)
  frame[0] = transact(chips, address, frame.slice(4, 4 + writes), into, now)
}

function row(bytes: Uint8Array): number[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getFloat64(0, true) === 0) return null
  return Array.from({ length: 12 }, (_, i) => view.getFloat64(8 + 8 * i, true))
}
