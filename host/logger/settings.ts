import { groups } from "../../shared/channels.js"
import { defaultSettings, parseSettings, type Settings, settingsFaults, settingsLength } from "../../shared/logger/settings.js"
import { UsageError } from "../model/errors.js"
import type { Finding } from "../model/format.js"
import { logFormat } from "./log-formats.js"

/** True for the name of the logger's settings on a card. */
export function isLoggerSettings(path: string): boolean {
  return /(^|[/\\:])LOGGER\.CFG$/i.test(path)
}

/** The settings that hold with this `LOGGER.CFG`: a line at fault leaves its setting as the program has it. A format of one group logs the first that is on. */
export function readSettings(bytes: Uint8Array): Settings {
  const { settings } = parsed(bytes)
  const { format, periods } = settings
  const first = periods.findIndex((period) => period > 0)
  return logFormat(format).oneGroup ? { ...settings, periods: periods.map((period, g) => (g === first ? period : 0)) } : settings
}

function parsed(bytes: Uint8Array): { readonly settings: Settings; readonly faults: readonly string[] } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const settings = defaultSettings(groups.map(({ rate }) => 1000 / rate))
  const faults = parseSettings(
    text,
    settingsLength(text, text.length),
    settings,
    groups.map(({ name }) => name),
  )
  return { settings, faults: lines(faults) }
}

function lines(faults: string): string[] {
  return faults.split("\r\n").filter((line) => line !== "")
}

/**
 * `LOGGER.CFG` with some of its lines changed; the others stay as they are, remarks included.
 * @param changes `name=value`
 * @returns null when there was none and nothing is changed
 * @throws UsageError for a change that is none
 */
export function changedSettings(old: Uint8Array | null, changes: readonly string[]): Uint8Array | null {
  if (changes.length === 0) return old
  const kept = old === null ? [] : new TextDecoder().decode(old).trimEnd().split(/\r?\n/)
  for (const change of changes) {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.+?)\s*$/.exec(change) ?? []
    if (name === undefined || value === undefined) throw new UsageError(`${JSON.stringify(change)}, expected name=value`)
    const at = kept.findIndex((line) => line.split(/[=#]/)[0]?.trim() === name && /^[^#]*=/.test(line))
    kept.splice(at < 0 ? kept.length : at, at < 0 ? 0 : 1, `${name} = ${value}`)
  }
  return new TextEncoder().encode(`${kept.join("\r\n")}\r\n`)
}

/** What the logger would complain about in its settings: it reads them by the same code. One finding a line at fault. */
export function settingsFindings(bytes: Uint8Array): Finding[] {
  const { settings, faults } = parsed(bytes)
  const found = faults.map((line): Finding => {
    // A fault names what stood in the file, and that may be anything but a line's end.
    const [, where = "", what = line] = /^(line \d+): (.*)$/s.exec(line) ?? []
    return { rule: "setting", severity: "error", at: -1, where, text: what }
  })
  const battery = groups.findIndex((group) => group.battery)
  for (const line of lines(settingsFaults(settings, bytes.length, battery))) {
    found.push({ rule: "settings", severity: "error", at: -1, where: "", text: line })
  }
  return found
}
