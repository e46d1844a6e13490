import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test, vi } from "vitest"
import { groups } from "../../shared/channels.js"
import { demo } from "./demo.js"

vi.setConfig({ testTimeout: 240_000 })

test("the demonstration records, cuts, compares and leaves image, CSV and text", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-demo-"))
  try {
    const lines: string[] = []
    await demo({ minutes: 0.5, folder, print: (line) => lines.push(line) })
    expect(lines.filter((line) => line.includes("every sample as its sensor gave it"))).toHaveLength(2)
    expect(readFileSync(join(folder, "seen.txt"), "utf8")).toContain("Where the time went")
    const fastest = groups.reduce((most, group) => (group.rate > most.rate ? group : most))
    const rows = readFileSync(join(folder, `${fastest.name}.csv`), "utf8").split("\n").length
    expect(rows).toBeGreaterThan(29 * fastest.rate)
    expect(statSync(join(folder, "card.img")).size).toBe(48 << 20)
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
