import { isTimeText } from "./time-text.js"

/** Letters of a logger's name, at most. */
export const LONGEST_NAME = 16

/**
 * `LOGGER.CFG`: what a person may change without building the program. One `name = value` a line, `#` begins a remark.
 * The board reads it at its start, `fieldlog check` before it goes there: the same code says the same of it.
 *
 *     format = ddff                   meteor, ddff, or btsf for the first group that is on, of which card prepare writes the header
 *     name = car-7                    the logger's own, in every log: up to 16 letters, digits, - and _
 *     flush = 500                     no row waits longer for the card: 50 to 10000 ms
 *     file = 4096                     size of a log file, 64 to 1048576 kB
 *     rotate = 60                     a new file every so many minutes, at least 1; 0 only when one is full
 *     full = stop                     on a full card stop, or overwrite the oldest log
 *     start = 2026-11-21 22:45:00     local time at which the logger starts with this card, or none
 *     crc = on                        the card checks each sector: costs the board about 28 ms a sector of 512 bytes; or off
 *     low = 3.4                       the file is closed while the supply is below so many volts; 0 never
 *     imu = 50                        a group's rate in Hz, 0.001 to 1000, or off
 */
export interface Settings {
  /** `meteor`, `ddff` or `btsf`. */
  format: string
  /** The logger's own name; empty for none. */
  name: string
  flushMs: number
  fileBytes: number
  /** ms after which a new file begins; 0 never. */
  fileMs: number
  /** On a full card the oldest log makes room for the next; else logging stops. */
  overwrite: boolean
  /** Local time of tick 0, `2026-11-21 22:45:00`; empty when unknown. */
  start: string
  /** The card shall check what it is sent. */
  crc: boolean
  /** V below which the file is closed; 0 never. */
  lowVolts: number
  /** ms between two rows of each group; 0 for a group that is off. */
  periods: number[]
}

/** What holds where nothing says otherwise. */
export function defaultSettings(periods: number[]): Settings {
  return {
    format: "meteor",
    name: "",
    flushMs: 500,
    fileBytes: 4194304,
    fileMs: 0,
    overwrite: false,
    start: "",
    crc: false,
    lowVolts: 0,
    periods,
  }
}

/** Longest `LOGGER.CFG` that is read, bytes. */
export const LONGEST_SETTINGS = 1024

/** Where the first line begins: behind the mark that Windows' editor puts before UTF-8 (EF BB BF). */
export function settingsBegin(text: Buffer, length: number): number {
  return length >= 3 && text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf ? 3 : 0
}

/** How many bytes of a `LOGGER.CFG` are read: of one that is too long the whole lines that fit, for a half one would say something else. */
export function settingsLength(text: Buffer, length: number): number {
  if (length <= LONGEST_SETTINGS) return length
  let end = LONGEST_SETTINGS
  while (end > 0 && text[end - 1] !== 10) end = end - 1
  return end
}

/**
 * What is wrong with settings as a whole, one line for each fault; empty when nothing is.
 * @param length bytes of the file
 * @param battery place of the group that measures the supply, -1 for none
 */
export function settingsFaults(settings: Settings, length: number, battery: number): string {
  let faults = ""
  if (length > LONGEST_SETTINGS) faults = `longer than ${LONGEST_SETTINGS} bytes: the lines behind them are not read\r\n`
  let on = 0
  for (let i = 0; i < settings.periods.length; i++) if (settings.periods[i] !== 0) on = on + 1
  if (on === 0) faults = `${faults}every group is off: nothing is logged\r\n`
  const measured = battery >= 0 && settings.periods[battery] !== 0
  if (settings.lowVolts > 0 && !measured) faults = `${faults}low: no group that is on measures the supply\r\n`
  return faults
}

/**
 * Takes over what is right in the text; what is not leaves its setting as it was.
 * @param names of the groups, in the order of `periods`
 * @returns one line for each fault, each with its line number; empty when there is none
 */
export function parseSettings(text: Buffer, length: number, settings: Settings, names: string[]): string {
  let faults = ""
  let line = 0
  for (let at = settingsBegin(text, length); at < length; at = lineEnd(text, at, length) + 1) {
    line = line + 1
    faults = faults + parseLine(text, at, length, settings, names, line)
  }
  return faults
}

/** Where the line that begins at `at` ends: at its line feed, or at `length`. */
export function lineEnd(text: Buffer, at: number, length: number): number {
  let end = at
  while (end < length && text[end] !== 10) end = end + 1
  return end
}

/** As `parseSettings`, for the one line that begins at `at`: the board has a limit for what is done without a pause. @param line its number */
export function parseLine(text: Buffer, at: number, length: number, settings: Settings, names: string[], line: number): string {
  const end = lineEnd(text, at, length)
  let stop = at
  while (stop < end && text[stop] !== 35) stop = stop + 1
  let equals = at
  while (equals < stop && text[equals] !== 61) equals = equals + 1
  const name = trimmed(text, at, equals)
  if (name === "" && equals === stop) return ""
  const fault = set(settings, names, name, trimmed(text, equals + 1, stop))
  return fault === "" ? "" : `line ${line}: ${fault}\r\n`
}

/** @returns what would be right, or nothing where it is */
function set(settings: Settings, names: string[], name: string, value: string): string {
  const n = decimal(value)
  if (name === "format") {
    if (value !== "meteor" && value !== "ddff" && value !== "btsf") return "format: meteor, ddff or btsf"
    settings.format = value
  } else if (name === "name") {
    if (!isName(value)) return "name: up to 16 letters, digits, - and _"
    settings.name = value
  } else if (name === "start") {
    if (value !== "none" && !isTimeText(value)) return "start: 2026-11-21 22:45:00, or none"
    settings.start = value === "none" ? "" : value
  } else if (name === "full") {
    if (value !== "stop" && value !== "overwrite") return "full: stop or overwrite"
    settings.overwrite = value === "overwrite"
  } else if (name === "flush") {
    if (n < 50 || n > 10000) return "flush: 50 to 10000 ms"
    settings.flushMs = n
  } else if (name === "file") {
    if (n < 64 || n > 1048576) return "file: 64 to 1048576 kB"
    settings.fileBytes = n * 1024
  } else if (name === "rotate") {
    if (n !== 0 && (n < 1 || n > 100000)) return "rotate: 1 to 100000 minutes, or 0"
    settings.fileMs = n * 60000
  } else if (name === "crc") {
    if (value !== "on" && value !== "off") return "crc: on or off"
    settings.crc = value === "on"
  } else if (name === "low") {
    if (n < 0 || n > 60) return "low: 0 to 60 V"
    settings.lowVolts = n
  } else {
    const group = names.indexOf(name)
    if (group < 0) return `no setting or group "${name}"`
    if (value !== "off" && (n < 0.001 || n > 1000)) return `${name}: 0.001 to 1000 Hz, or off`
    settings.periods[group] = value === "off" ? 0 : 1000 / n
  }
  return ""
}

/** One to sixteen letters, digits, - and _. */
function isName(text: string): boolean {
  if (text.length === 0 || text.length > LONGEST_NAME) return false
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    const letter = (c >= 65 && c <= 90) || (c >= 97 && c <= 122)
    if (!letter && (c < 48 || c > 57) && c !== 45 && c !== 95) return false
  }
  return true
}

/** A number of digits with at most one point; -1 for anything else. */
function decimal(text: string): number {
  let n = 0
  let scale = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit === -2 && scale === 0) scale = 1
    else if (digit < 0 || digit > 9) return -1
    else {
      n = n * 10 + digit
      scale = scale * 10
    }
  }
  if (text.length === 0) return -1
  return scale > 1 ? n / scale : n
}

/** Bytes `from` to `to` as text, without spaces, tabs and carriage returns around it. */
function trimmed(b: Buffer, from: number, to: number): string {
  let start = from
  let end = to
  while (start < end && (b[start] as number) <= 32) start = start + 1
  while (end > start && (b[end - 1] as number) <= 32) end = end - 1
  return end > start ? b.slice(start, end).toString() : ""
}
