/**
 * A race car's Meteor log of any length, the same bytes for the same seed: 13 topics of 4 bytes at 100 Hz, one of 2 bytes at
 * 10 Hz, one of 1 byte at 1 Hz, a composite of three s16 at 100 Hz and one of two s32 at 20 Hz. 6250 s are 100 MB.
 */
export interface RaceLapOptions {
  readonly seconds: number
  readonly seed?: number
}

const SIGNED = "signed-number"
const UNSIGNED = "unsigned-number"

/** The log's specification, as an options file of the reference program holds it. */
export const raceLapSpec = {
  spec: {
    topics: [
      topic(1, "throttle-position", "APPS", "%", { type: UNSIGNED, divisor: 4095, multiplier: 100 }),
      topic(2, "brake-pressure-front", "Front brake pressure", "bar", { type: UNSIGNED, divisor: 41 }),
      topic(3, "brake-pressure-rear", "Rear brake pressure", "bar", { type: UNSIGNED, divisor: 41 }),
      topic(4, "steering-angle", "Steering angle", "deg", { type: SIGNED, divisor: 10 }),
      topic(5, "motor-speed", "Motor speed", "rpm", { type: UNSIGNED }),
      topic(6, "motor-torque", "Motor torque", "Nm", { type: SIGNED, divisor: 10 }),
      topic(7, "wheel-speed-fl", "Wheel speed FL", "km/h", { type: UNSIGNED, divisor: 100 }),
      topic(8, "wheel-speed-fr", "Wheel speed FR", "km/h", { type: UNSIGNED, divisor: 100 }),
      topic(9, "wheel-speed-rl", "Wheel speed RL", "km/h", { type: UNSIGNED, divisor: 100 }),
      topic(10, "wheel-speed-rr", "Wheel speed RR", "km/h", { type: UNSIGNED, divisor: 100 }),
      topic(11, "dc-bus-current", "DC bus current", "A", { type: SIGNED, divisor: 100 }),
      topic(12, "dc-bus-voltage", "DC bus voltage", "V", { type: UNSIGNED, divisor: 10 }),
      topic(13, "speed", "Vehicle speed", "km/h", { type: UNSIGNED, divisor: 100 }),
      topic(14, "acceleration-x", "Longitudinal acceleration", "g", { type: SIGNED, divisor: 1000 }),
      topic(15, "acceleration-y", "Lateral acceleration", "g", { type: SIGNED, divisor: 1000 }),
      topic(16, "acceleration-z", "Vertical acceleration", "g", { type: SIGNED, divisor: 1000 }),
      topic(17, "gps-latitude", "GPS latitude", "deg", { type: SIGNED, divisor: 10_000_000 }, 7),
      topic(18, "gps-longitude", "GPS longitude", "deg", { type: SIGNED, divisor: 10_000_000 }, 7),
      topic(19, "motor-temperature", "Motor temperature", "ºC", { type: SIGNED, addition: -17_151, divisor: 11_329, multiplier: 125 }),
      topic(20, "battery-min-cell-voltage", "Lowest cell voltage", "V", { type: UNSIGNED, addition: 200, divisor: 100 }),
    ],
    composites: [
      {
        id: 1,
        topics: [
          { key: "acceleration-x", length: 2 },
          { key: "acceleration-y", length: 2 },
          { key: "acceleration-z", length: 2 },
        ],
      },
      {
        id: 2,
        topics: [
          { key: "gps-latitude", length: 4 },
          { key: "gps-longitude", length: 4 },
        ],
      },
    ],
  },
}

function topic(id: number, key: string, name: string, unit: string, data: object, decimalPlaces = 2) {
  return { id, key, name, unit, decimalPlaces, data }
}

/** Bytes per block that the generator gives out. */
const BLOCK = 256 * 1024
/** Room for the frames of one step. */
const STEP_BYTES = 256
/** One step of the simulation and of the 100 Hz channels. */
const STEP_MS = 10

/** The log as blocks of bytes, each fresh. Memory does not grow with the length. */
export function* raceLap({ seconds, seed = 1 }: RaceLapOptions): Generator<Uint8Array> {
  yield header("Lap 1 Piracicaba")
  const car = new Car(seed)
  let block = new Frames(BLOCK)
  for (let ms = 0; ms < seconds * 1000; ms += STEP_MS) {
    car.step(STEP_MS / 1000)
    putStep(block, ms, car)
    if (block.at + STEP_BYTES <= BLOCK) continue
    yield block.bytes.subarray(0, block.at)
    block = new Frames(BLOCK)
  }
  yield block.bytes.subarray(0, block.at)
}

/** The whole log in memory. */
export function raceLapBytes(options: RaceLapOptions): Uint8Array {
  return new Uint8Array(Buffer.concat([...raceLap(options)]))
}

function header(name: string): Uint8Array {
  const bytes = Buffer.alloc(22 + name.length)
  bytes.set([0x89, 0x42, 0x27, 0x45, 0x4e, 0x45, 0x52, 0x47, 0x59, 0x0d, 0x0a, 0x1a, 0x0a, 2, 18, 4, 24])
  bytes.writeUInt32BE((14 * 3600 + 5 * 60) * 1000, 17)
  bytes[21] = name.length
  bytes.write(name, 22, "latin1")
  return bytes
}

/** Each channel has its own phase in the step, so stamps are in order and some frames share one. */
function putStep(frames: Frames, ms: number, car: Car): void {
  for (let i = 0; i < car.topics.length; i++) frames.topic4(ms + (i >> 1), i + 1, car.topics[i] as number)
  frames.composite(ms + 7, 1, 2, car.acceleration)
  if (ms % 100 === 0) frames.topic(ms + 8, 19, 2, car.motorTemperature)
  if (ms % 1000 === 0) frames.topic(ms + 9, 20, 1, car.cellVoltage)
  if (ms % 50 === 0) frames.composite(ms + 9, 2, 4, car.position)
}

class Frames {
  at = 0
  readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
    this.view = new DataView(this.bytes.buffer)
  }

  topic4(ms: number, id: number, value: number): void {
    this.header(ms, 1, id, 4)
    this.view.setInt32(this.at, value, true)
    this.at += 4
  }

  topic(ms: number, id: number, length: number, value: number): void {
    this.header(ms, 1, id, length)
    if (length === 2) this.view.setInt16(this.at, value, true)
    else this.view.setUint8(this.at, value)
    this.at += length
  }

  composite(ms: number, id: number, itemLength: 2 | 4, values: Float64Array): void {
    this.header(ms, 2, id, itemLength * values.length)
    for (const value of values) {
      if (itemLength === 2) this.view.setInt16(this.at, value, true)
      else this.view.setInt32(this.at, value, true)
      this.at += itemLength
    }
  }

  private header(ms: number, type: number, id: number, length: number): void {
    this.view.setUint32(this.at, ms)
    this.bytes[this.at + 4] = type
    this.bytes[this.at + 5] = id
    this.bytes[this.at + 6] = length
    this.at += 7
  }
}

/** Length of the lap in m, and where its corners are: place, half length in m, curvature in 1/m. */
const LAP_M = 1400
const CORNERS = [
  [150, 25, 0.05],
  [380, 40, -0.03],
  [560, 18, 0.08],
  [800, 30, 0.04],
  [1010, 22, -0.07],
  [1250, 35, 0.035],
] as const

/** A point mass with a driver who brakes before corners. Values are raw, as the log stores them. */
class Car {
  readonly topics = new Float64Array(13)
  readonly acceleration = new Float64Array(3)
  readonly position = new Float64Array(2)
  motorTemperature = 0
  cellVoltage = 0
  private speed = 12
  private along = 0
  private heading = 0
  private north = 0
  private east = 0
  private heat = 35
  private charge = 1
  private noise: number

  constructor(seed: number) {
    this.noise = (seed | 0) === 0 ? 1 : seed | 0
  }

  step(dt: number): void {
    const curvature = this.curvature(this.along)
    const target = Math.min(32, Math.sqrt(14 / Math.max(0.005, Math.abs(this.curvature(this.along + this.speed)))))
    const pedal = Math.max(-1, Math.min(1, (target - this.speed) / 3))
    const throttle = Math.max(0, pedal)
    const brake = Math.max(0, -pedal)
    const force = throttle * 6 - brake * 11 - 0.0015 * this.speed * this.speed
    this.speed = Math.max(3, this.speed + force * dt)
    this.along = (this.along + this.speed * dt) % LAP_M
    this.heading += this.speed * curvature * dt
    this.north += this.speed * Math.cos(this.heading) * dt
    this.east += this.speed * Math.sin(this.heading) * dt
    this.heat += (throttle * 0.9 - (this.heat - 25) * 0.01) * dt
    this.charge = Math.max(0.05, this.charge - throttle * 1e-5 * dt)
    this.measure(throttle, brake, force, curvature)
  }

  private measure(throttle: number, brake: number, force: number, curvature: number): void {
    const kmh = this.speed * 3.6
    const wheel = (side: number) => Math.round(kmh * 100 * (1 + side * curvature * 0.6)) + this.jitter(12)
    const torque = throttle * 210 - brake * 60
    const volts = 360 * (0.85 + 0.15 * this.charge) - throttle * 9
    const values = [
      Math.max(0, Math.min(4095, Math.round(throttle * 4095) + this.jitter(8))),
      Math.max(0, Math.round(brake * 70 * 41) + this.jitter(4)),
      Math.max(0, Math.round(brake * 45 * 41) + this.jitter(4)),
      Math.round(curvature * 15_000) + this.jitter(4),
      Math.round(this.speed * 55) + this.jitter(10),
      Math.round(torque * 10) + this.jitter(8),
      wheel(-1),
      wheel(1),
      wheel(-1),
      wheel(1),
      Math.round(torque * this.speed * 14) + this.jitter(60),
      Math.round(volts * 10) + this.jitter(3),
      Math.round(kmh * 100) + this.jitter(6),
    ]
    this.topics.set(values)
    this.acceleration[0] = Math.round((force / 9.81) * 1000) + this.jitter(20)
    this.acceleration[1] = Math.round(((this.speed * this.speed * curvature) / 9.81) * 1000) + this.jitter(20)
    this.acceleration[2] = 1000 + this.jitter(40)
    this.position[0] = Math.round((-23.47 + this.north / 111_000) * 1e7)
    this.position[1] = Math.round((-47.43 + this.east / 102_000) * 1e7)
    this.motorTemperature = Math.round((this.heat / 125) * 11_329 + 17_151) + this.jitter(4)
    this.cellVoltage = Math.round(volts) - 160
  }

  private curvature(along: number): number {
    let sum = 0
    for (const [place, half, strength] of CORNERS) {
      const distance = ((along - place + LAP_M * 1.5) % LAP_M) - LAP_M / 2
      sum += strength * Math.exp(-(distance * distance) / (2 * half * half))
    }
    return sum
  }

  /** xorshift32: -range to range. */
  private jitter(range: number): number {
    let x = this.noise
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.noise = x
    return (x % (range + 1)) | 0
  }
}
