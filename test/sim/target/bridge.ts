import { crc16 } from "../../../host/bytes/crc16.js"

/**
 * The firmware's USB serial port: its log as plain text, between frames of Jacdac packets that two bytes each begin and end. The log must
 * be asked for. Source: the service specification "USB Bridge" (0x18f61a4a) and Jacdac's frame format.
 */

const BRIDGE = 0x18f61a4a
const MAGIC = 0xfe
const LITERAL_MAGIC = 0xf8
const FRAME_START = 0xfc
const FRAME_END = 0xfd
const ENABLE_LOG = 0x83
const COMMAND_FOR_ALL = 0x05
const FOR_ALL = 0xaaaaaaaa
const EVERY_SERVICE = 0x3d

/** The frame that asks for the log: CRC, size, flags, the service in place of a device, one packet without data. */
export function enableLog(): Uint8Array {
  const frame = new Uint8Array(16)
  const view = new DataView(frame.buffer)
  view.setUint8(2, 4)
  view.setUint8(3, COMMAND_FOR_ALL)
  view.setUint32(4, BRIDGE, true)
  view.setUint32(8, FOR_ALL, true)
  view.setUint8(13, EVERY_SERVICE)
  view.setUint16(14, ENABLE_LOG, true)
  view.setUint16(0, crc16(frame, 2, frame.length), true)
  const quoted = [...frame].flatMap((byte) => (byte === MAGIC ? [MAGIC, LITERAL_MAGIC] : [byte]))
  return Uint8Array.of(MAGIC, FRAME_START, ...quoted, MAGIC, FRAME_END)
}

/** Keeps the text and drops the frames; text alone, as a UART brings it, stays as it is. */
export class LogText {
  text = ""
  private quoted = false
  private inFrame = false

  take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (!this.quoted && byte === MAGIC) this.quoted = true
      else if (this.quoted) this.takeQuoted(byte)
      else if (!this.inFrame) this.text += String.fromCharCode(byte)
    }
  }

  private takeQuoted(byte: number): void {
    this.quoted = false
    if (byte === FRAME_START) this.inFrame = true
    else if (byte === FRAME_END) this.inFrame = false
    else if (byte === LITERAL_MAGIC && !this.inFrame) this.text += String.fromCharCode(MAGIC)
  }
}
