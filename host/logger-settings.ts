import { groups } from "../shared/channels.js"
import { defaultSettings, LONGEST_SETTINGS, parseSettings } from "../shared/settings.js"
import type { Finding } from "./format.js"

/** True for the name of the logger's settings on a card. */
export function isLoggerSettings(path: string): boolean {
  return /(^|[/\\:])LOGGER\.CFG$/i.test(path)
}

/** What the logger would complain about in its settings: it reads them by the same code. One finding a line at fault. */
export function settingsFindings(bytes: Uint8Array): Finding[] {
  const text = Buffer.from(bytes.subarray(0, LONGEST_SETTINGS))
  const settings = defaultSettings(groups.map(({ rate }) => 1000 / rate))
  const faults = parseSettings(
    text,
    text.length,
    settings,
    groups.map(({ name }) => name),
  )
  const findings = faults.split("\r\n").filter((line) => line !== "")
  const found = findings.map((line): Finding => {
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
