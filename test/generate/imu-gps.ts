import type { Sink } from "../../host/bytes/sink.js"
import { BlockWriter } from "../../host/formats/ddff/blocks/block-writer.js"

const IMU_LABEL =
  '{"class":"Imu","type":"object","members":[{"name":"ax","class":"float","type":"primitive"},{"name":"ay","class":"float","type":"primitive"},{"name":"n","class":"int16_t","type":"primitive"}]}'
const GPS_LABEL =
  '{"class":"Gps","type":"object","members":[{"name":"lat","class":"double","type":"primitive"},{"name":"lon","class":"double","type":"primitive"},{"name":"fix","class":"uint8_t","type":"primitive"},{"name":"sat","class":"uint8_t","type":"primitive","container":"array"}]}'

/**
 * A ddff log as DUECA writes it: an IMU at 100 Hz (two floats, an int16) and a GPS at 10 Hz (two doubles, an uint8, some
 * bytes), ticks of 1 ms, integers in their smallest form, floats of integral value as integers. The same for every call.
 * @param rows IMU records; 24 bytes of file each
 */
export function writeImuGps(sink: Sink, rows: number, blockSize = 4096): void {
  const blocks = new BlockWriter(sink, blockSize)
  const record = new SmallestForms()
  for (const id of [0, 2, 3]) blocks.open(id)
  for (const [key, id, label] of [
    ["imu", 2, IMU_LABEL],
    ["gps", 3, GPS_LABEL],
  ] as const) {
    record.clear()
    record.array(3)
    record.text(key)
    record.integer(id)
    record.text(label)
    blocks.record(0, record.bytes())
  }
  blocks.close(0)
  for (let i = 0; i < rows; i++) {
    record.clear()
    record.array(3)
    record.integer(i * 10)
    record.integer(10)
    record.array(3)
    record.float32(Math.sin(i * 0.1))
    record.float32(Math.cos(i * 0.1))
    record.integer(((i * 37) % 20_000) - 10_000)
    blocks.record(2, record.bytes())
    if (i % 10 !== 0) continue
    record.clear()
    record.array(3)
    record.integer(i * 10)
    record.integer(100)
    record.array(4)
    record.float64(52 + i * 1e-7)
    record.float64(4.36 - i * 1e-7)
    record.integer(i % 3)
    record.binary(i % 4)
    blocks.record(3, record.bytes())
  }
  for (const id of [2, 3]) blocks.close(id)
  blocks.flush()
}

/** msgpack as msgpack-c packs it: everything in its smallest form. */
class SmallestForms {
  private readonly store = new Uint8Array(4096)
  private readonly view = new DataView(this.store.buffer)
  private at = 0

  clear(): void {
    this.at = 0
  }

  bytes(): Uint8Array {
    return this.store.subarray(0, this.at)
  }

  array(n: number): void {
    this.store[this.at++] = 0x90 + n
  }

  integer(value: number): void {
    if (value >= 0 && value < 128) this.store[this.at++] = value
    else if (value < 0 && value >= -32) this.store[this.at++] = value + 256
    else if (value >= 0 && value < 256) this.put(0xcc, 1, () => this.view.setUint8(this.at, value))
    else if (value >= 0 && value < 65_536) this.put(0xcd, 2, () => this.view.setUint16(this.at, value))
    else if (value >= 0) this.put(0xce, 4, () => this.view.setUint32(this.at, value))
    else if (value >= -128) this.put(0xd0, 1, () => this.view.setInt8(this.at, value))
    else if (value >= -32_768) this.put(0xd1, 2, () => this.view.setInt16(this.at, value))
    else this.put(0xd2, 4, () => this.view.setInt32(this.at, value))
  }

  float32(value: number): void {
    if (Number.isInteger(value)) this.integer(value)
    else this.put(0xca, 4, () => this.view.setFloat32(this.at, value))
  }

  float64(value: number): void {
    if (Number.isInteger(value)) this.integer(value)
    else this.put(0xcb, 8, () => this.view.setFloat64(this.at, value))
  }

  text(text: string): void {
    const bytes = new TextEncoder().encode(text)
    if (bytes.length < 32) this.store[this.at++] = 0xa0 + bytes.length
    else if (bytes.length < 256) this.put(0xd9, 1, () => this.view.setUint8(this.at, bytes.length))
    else this.put(0xda, 2, () => this.view.setUint16(this.at, bytes.length))
    this.store.set(bytes, this.at)
    this.at += bytes.length
  }

  binary(n: number): void {
    this.put(0xc4, 1, () => this.view.setUint8(this.at, n))
    this.store.fill(n, this.at, this.at + n)
    this.at += n
  }

  private put(marker: number, width: number, set: () => void): void {
    this.store[this.at++] = marker
    set()
    this.at += width
  }
}
