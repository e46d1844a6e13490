import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { convert } from "../../host/actions/convert.js"
import { open } from "../../host/actions/open.js"
import { open as openInBrowser } from "../../host/browser.js"
import { addToDataset } from "../../host/dataset/add.js"
import { findInputs } from "../../host/inputs/find.js"
import type { Log } from "../../host/model/log.js"
import { computed, namedChannels } from "../../host/sensors/computed.js"
import { stats } from "../../host/summary/stats.js"
import { bme680 } from "../../shared/logger/sensors.js"
import { fieldlog } from "../cli/command.js"
import { type CaseGroup, memoryLog } from "../conformance/cases.js"

type Raw = readonly [temperature: number, pressure: number, humidity: number]

const WORDS = bme680(0x76)
  .channels.slice(3)
  .map(({ simulated }) => simulated?.offset as number)
/** Raw numbers of a chip with this calibration, and what pimoroni/bme680-python has of them: test/bme680.test.ts. */
const RAW: Raw = [501240, 353485, 19019]
const EXPECTED = [26.69, 987.12, 42.4] as const

/** A group as the logger has it: each row the raw numbers with the calibration beside them. */
function weather(rows: readonly Raw[], calibration: (row: number) => readonly number[] = () => WORDS, name = "bme680"): CaseGroup {
  return {
    name: `weather ${name}`,
    time: { kind: "stamped", tick: 0.001 },
    ticks: rows.map((_, i) => 1000 * i),
    channels: bme680(0x76, name).channels.map(({ name: channel, type }, c) => ({
      name: channel,
      type,
      values: rows.map((row, i) => (c < 3 ? row[c] : calibration(i)[c - 3])),
    })),
  }
}

const other: CaseGroup = {
  name: "supply",
  time: { kind: "stamped", tick: 0.001 },
  ticks: [0, 500],
  channels: [{ name: "supply", type: "u16", unit: "V", values: [1, 2] }],
}

/** Values of a group by channel name, NaN where there is none. */
async function valuesOf(log: Log, group = 0): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {}
  for await (const chunk of log.chunks({ groups: [group] })) {
    for (const [c, { name }] of (log.groups[group]?.channels ?? []).entries()) {
      const values = Array.from(chunk.columns[c] as Float64Array, (value, i) => (chunk.missing[c]?.[i] === 1 ? Number.NaN : Number(value)))
      found[name] = [...(found[name] ?? []), ...values]
    }
  }
  return found
}

describe("a log with a BME680", () => {
  test("gives degrees, hectopascals and per cent in place of raw numbers and calibration, and other groups as they are", async () => {
    const log = computed(memoryLog({ groups: [other, weather([RAW, RAW])] }))
    expect(log.groups.map(({ channels }) => channels.map(({ name, unit }) => `${name} ${unit}`))).toEqual([
      ["supply V"],
      ["bme680_temperature °C", "bme680_pressure hPa", "bme680_humidity %"],
    ])
    const values = await valuesOf(log, 1)
    for (const [i, column] of Object.values(values).entries()) {
      expect(column).toHaveLength(2)
      for (const value of column) expect(Math.abs(value - (EXPECTED[i] as number))).toBeLessThan(0.1)
    }
    expect(await valuesOf(log, 0)).toEqual({ supply: [1, 2] })
  })

  test("uses each row's own calibration: somebody may put in another chip", async () => {
    const changed = WORDS.map((word, i) => (i === 8 ? word + 500 : word))
    const log = computed(memoryLog({ groups: [weather([RAW, RAW, RAW], (i) => (i === 1 ? changed : WORDS))] }))
    const { bme680_temperature: degrees = [] } = await valuesOf(log)
    expect(degrees[0]).toBe(degrees[2])
    expect((degrees[1] as number) - (degrees[0] as number)).toBeLessThan(-2)
  })

  test("has no value where a raw number is missing", async () => {
    const group = weather([RAW, RAW])
    const channels = group.channels.map((each) => (each.name === "bme680_c4" ? { ...each, values: [null, each.values[1]] } : each))
    const { bme680_humidity: humidity = [] } = await valuesOf(computed(memoryLog({ groups: [{ ...group, channels }] })))
    expect(humidity[0]).toBeNaN()
    expect(humidity[1]).toBeCloseTo(42.4, 1)
  })

  test("keeps several sensors of a log apart", async () => {
    const log = computed(memoryLog({ groups: [weather([RAW]), weather([[510000, 353485, 19019]], undefined, "bme680b")] }))
    expect(log.groups[1]?.channels[0]?.name).toBe("bme680b_temperature")
    expect((await valuesOf(log, 1)).bme680b_temperature?.[0]).toBeGreaterThan(28)
  })

  test("keeps a stored channel that is named as such, and names by what its values are computed from", async () => {
    const stored = memoryLog({ groups: [other, weather([RAW])] })
    const namesOf = (log: Log) => log.groups.map(({ channels }) => channels.map(({ name }) => name.replace("bme680_", "")))
    expect(namesOf(computed(stored, ["bme680_t", "bme680_c?"]))[1]).toEqual([
      "temperature",
      "pressure",
      "humidity",
      "t",
      ...WORDS.map((_, i) => `c${i}`),
    ])
    expect(namesOf(computed(stored, ["bme680*", "supply"]))[1]).toEqual(["temperature", "pressure", "humidity"])
    expect((await valuesOf(computed(stored, ["bme680_t"]), 1)).bme680_t).toEqual([RAW[0]])
    const all = stored.groups[1]?.channels.map(({ name }) => `weather bme680.${name}`) ?? []
    expect(namedChannels(stored.groups, ["bme680_humidity"])).toEqual({
      channels: all,
      losses: [{ kind: "form", count: 1, text: "bme680_humidity is computed from 12 stored channels, which stand for it" }],
    })
    const patterns = ["supply", "bme680_t", "nothing"]
    expect(namedChannels(stored.groups, patterns)).toEqual({ channels: patterns, losses: [] })
  })

  test("that lacks a word of its calibration, or has none at all, comes back as it is", () => {
    const group = weather([RAW])
    const partial = memoryLog({ groups: [{ ...group, channels: group.channels.slice(0, -1) }] })
    expect(computed(partial)).toBe(partial)
    const plain = memoryLog({ groups: [other] })
    expect(computed(plain)).toBe(plain)
  })
})

describe("the logger's formats", () => {
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), "fieldlog-weather-"))
    onTestFinished(() => rmSync(path, { recursive: true }))
    return path
  }

  test.each(["weather.met", "weather.ddff", "weather.bts"])(
    "%s keeps what the sensor said, and the laptop computes from it",
    async (name) => {
      const path = join(folder(), name)
      await convert(memoryLog({ groups: [weather([RAW, RAW])] }), path)
      const stored = await open(path, { raw: true })
      const names = Object.keys(await valuesOf(stored))
      expect(names).toEqual(expect.arrayContaining(bme680(0x76).channels.map((channel) => channel.name)))
      await stored.close()
      const log = await open(path)
      const figures = await stats(log)
      await log.close()
      for (const [i, quantity] of ["temperature", "pressure", "humidity"].entries()) {
        const mean = figures.find(({ channel }) => channel === `bme680_${quantity}`)?.mean as number
        expect(Math.abs(mean - (EXPECTED[i] as number))).toBeLessThan(0.1)
      }
    },
  )

  test("the command computes everywhere but where the log stays in its format or --raw asks for the numbers", async () => {
    const cwd = folder()
    await convert(memoryLog({ groups: [weather([RAW, RAW])] }), join(cwd, "run.met"))
    const run = async (...args: string[]) => {
      const { code, out, err } = await fieldlog(args, { cwd })
      expect(err).toBe("")
      expect(code).toBe(0)
      return out
    }
    const stated = await run("stats", "run.met")
    expect(stated).toMatch(/bme680_temperature +2 +26\.69/)
    expect(stated).not.toContain("bme680_c0")
    expect(await run("cat", "run.met")).toMatch(/"bme680_temperature":26\.69\d*,"bme680_pressure":987\.\d*,"bme680_humidity":42\.4\d*\}/)
    expect(await run("cat", "--raw", "run.met")).toMatch(/"bme680_t":501240,"bme680_p":353485,.*"bme680_c8":26041/)
    await run("convert", "run.met", "-o", "again.met")
    expect(readFileSync(join(cwd, "again.met"))).toEqual(readFileSync(join(cwd, "run.met")))
    await run("convert", "run.met", "-o", "run.csv")
    expect(readFileSync(join(cwd, "run.csv"), "utf8")).toMatch(
      /bme680_temperature.*bme680_pressure.*bme680_humidity.*\n.*,26\.693,987\.169,42\.410\n/,
    )
    expect(await run("plot", "run.met", "-c", "bme680_pressure")).toContain("bme680_pressure")
  })

  test("the library, the browser and a dataset have the computed channels, and raw: true has the stored ones", async () => {
    const cwd = folder()
    const path = join(cwd, "run.met")
    await convert(memoryLog({ groups: [weather([RAW, RAW])] }), path)
    const bytes = new Uint8Array(readFileSync(path))
    const spec: unknown = JSON.parse(readFileSync(join(cwd, "run.spec.json"), "utf8"))
    const shown = ["bme680_temperature", "bme680_pressure", "bme680_humidity"]
    const stored = bme680(0x76).channels.map(({ name }) => name)
    const opened = [open(path), open(bytes, { spec }), openInBrowser(bytes, { spec })]
    for (const log of await Promise.all(opened)) {
      expect(Object.keys(await valuesOf(log))).toEqual(shown)
      await log.close()
    }
    const raw = [open(path, { raw: true }), open(bytes, { spec, raw: true }), openInBrowser(bytes, { spec, raw: true })]
    for (const log of await Promise.all(raw)) {
      expect(Object.keys(await valuesOf(log))).toEqual(stored)
      await log.close()
    }
    for await (const { error } of addToDataset(join(cwd, "season"), (await findInputs([path])).inputs)) expect(error).toBeNull()
    const [run = ""] = readdirSync(join(cwd, "season/runs"))
    const { channels } = JSON.parse(readFileSync(join(cwd, "season/runs", run), "utf8")) as { channels: { channel: string }[] }
    expect(channels.map(({ channel }) => channel)).toEqual(shown)
  })

  test("a computed log goes back into its own format byte for byte", async () => {
    const cwd = folder()
    await convert(memoryLog({ groups: [weather([RAW, RAW])] }), join(cwd, "run.met"))
    const log = await open(join(cwd, "run.met"))
    expect(await convert(log, join(cwd, "again.met"))).toEqual([])
    await log.close()
    expect(readFileSync(join(cwd, "again.met"))).toEqual(readFileSync(join(cwd, "run.met")))
  })

  test("every name that info shows is taken by -c in every command, and every stored name that info --all shows", async () => {
    const cwd = folder()
    await convert(memoryLog({ groups: [weather([RAW, RAW]), other] }), join(cwd, "run.met"))
    const run = async (...args: string[]) => {
      const { code, out, err } = await fieldlog(args, { cwd })
      expect({ args, code, err }).toMatchObject({ code: 0 })
      return out
    }
    const namesIn = (text: string) => new Set([...text.matchAll(/\b(bme680_\w+)/g)].map((match) => match[1] as string))
    const shown = namesIn(await run("info", "run.met"))
    expect([...shown]).toEqual(["bme680_temperature", "bme680_pressure", "bme680_humidity"])
    expect([...namesIn(await run("info", "--rows", "1", "run.met"))]).toEqual([...shown])
    const [document] = (JSON.parse(await run("info", "--json", "run.met")) as { logs: { groups: Record<string, { name: string }[]>[] }[] })
      .logs
    const group = document?.groups.find(({ storedChannels }) => storedChannels !== undefined)
    expect(group?.channels?.map(({ name }) => name)).toEqual([...shown])
    const all = namesIn(await run("info", "--all", "run.met"))
    expect(group?.storedChannels?.map(({ name }) => name)).toEqual([...all].filter((name) => !shown.has(name)))
    expect(all.size).toBe(15)
    for (const name of ["bme680_temperature", "bme680_t"]) {
      expect(await run("stats", "run.met", "-c", name)).toContain(`${name} `)
      expect(await run("cat", "run.met", "-c", name)).toContain(`"${name}":`)
      expect(await run("plot", "run.met", "-c", name)).toContain(name)
      await run("convert", "run.met", "-c", name, "-o", `${name}.csv`)
      expect(readFileSync(join(cwd, `${name}.csv`), "utf8")).toContain(name)
      await run("extract", "run.met", "-c", name, "-o", `${name}.met`)
      await run("convert", "run.met", "-c", name, "-o", `again-${name}.met`)
      expect(readFileSync(join(cwd, `again-${name}.met`))).toEqual(readFileSync(join(cwd, `${name}.met`)))
    }
    expect([...namesIn(await run("info", "bme680_temperature.met"))]).toEqual([...shown])
    expect([...namesIn(await run("info", "bme680_t.met"))]).toEqual(["bme680_t"])
    const { err } = await fieldlog(["extract", "run.met", "-c", "bme680_humidity", "-o", "h.met"], { cwd })
    expect(err).toContain("bme680_humidity is computed from 12 stored channels")
    expect(await run("cat", "--raw", "run.met", "-c", "bme680_pressure")).toMatch(/"bme680_t":501240,.*"bme680_c8":26041/)
  })
})
