import { groups } from "../../shared/channels.js"
import { defaultSettings, LONGEST_SETTINGS, parseSettings, type Settings } from "../../shared/logger/settings.js"
import { UsageError } from "../model/errors.js"
import type { Finding } from "../model/format.js"

/** True for the name of the logger's settings on a card. */
export function isLoggerSettings(path: string): boolean {
  return /(^|[/\\:])LOGGER\.CFG$/i.test(path)
}

/** The settings that hold with this `LOGGER.CFG`: a line at fault leaves its setting as the program has it. A btsf log has one group. */
export function readSettings(bytes: Uint8Array): Settings {
  const { settings } = parsed(bytes)
  const { format, periods } = settings
  const first = periods.findIndex((period) => period > 0)
  return format === "btsf" ? { ...settings, periods: periods.map((period, g) => (g === first ? period : 0)) } : settings
}

function parsed(bytes: Uint8Array): { readonly settings: Settings; readonly faults: readonly string[] } {
  const text = Buffer.from(bytes.subarray(0, LONGEST_SETTINGS))
  const settings = defaultSettings(groups.map(({ rate }) => 1000 / rate))
  const faults = parseSettings(
    text,
    text.length,
    settings,
    groups.map(({ name }) => name),
  )
  return { settings, faults: faults.split("\r\n").filter((line) => line !== "") }
}

/**
 * `LOGGER.CFG` with some of its lines changed; the others stay as they are, remarks included.
 * @param changes `name=value`
 * @returns null when there was none and nothing is changed
 * @throws UsageError for a change that is none
 */
export function changedSettings(old: Uint8Array | null, changes: readonly string[]): Uint8Array | null {
  if (changes.length === 0) return old
  const lines = old === null ? [] : new TextDecoder().decode(old).trimEnd().split(/\r?\n/)
  for (const change of changes) {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(.+?)\s*$/.exec(change) ?? []
    if (name === undefined || value === undefined) throw new UsageError(`${JSON.stringify(change)}, expected name=value`)
    const at = lines.findIndex((line) => line.split(/[=#]/)[0]?.trim() === name && /^[^#]*=/.test(line))
    lines.splice(at < 0 ? lines.length : at, at < 0 ? 0 : 1, `${name} = ${value}`)
  }
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n`)
}

/** What the logger would complain about in its settings: it reads them by the same code. One finding a line at fault. */
export function settingsFindings(bytes: Uint8Array): Finding[] {
  const { settings, faults } = parsed(bytes)
  const found = faults.map((line): Finding => {
    const [, where, what] = /^(line \d+): (.*)$/.exec(line) as unknown as [string, string, string]
    return { rule: "setting", severity: "error", at: -1, where, text: what }
  })
  const whole = (rule: string, text: string): void => {
    found.push({ rule, severity: "error", at: -1, where: "", text })
  }
  if (bytes.length > LONGEST_SETTINGS) whole("too-long", `${bytes.length} bytes: the logger reads ${LONGEST_SETTINGS}`)
  if (settings.periods.every((period) => period === 0)) whole("nothing-on", "every group is off: nothing would be logged")
  if (settings.lowVolts > 0 && !groups.some(({ battery }, i) => battery && settings.periods[i] !== 0))
    whole("no-supply", "low: no group measures the supply")
  return found
}
