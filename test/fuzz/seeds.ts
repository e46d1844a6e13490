import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { targetFor } from "../../host/registry/targets.js"
import { cases, MemoryOutput } from "../conformance/cases.js"
import { caseLog } from "../conformance/expected.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"

/** A small good file, and how it is called when it lies on a disk. */
export interface Seed {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Larger golden files teach a fuzzer nothing more. */
const LARGEST = 64 * 1024
const GOLDEN = "test/golden"
const TABLES = ["csv", "parquet"] as const

/** The small golden files of all formats, tables, a card with logs and settings, and the files that a logger is set up with. */
export async function seedFiles(): Promise<Seed[]> {
  const logs = (["btsf", "ddff", "jls", "meteor", "libarray"] as const).flatMap(goldenOf)
  const met = logs.find(({ name }) => name.endsWith(".met")) as Seed
  const config = { name: "LOGGER.CFG", bytes: new TextEncoder().encode("name = car-7\nimu = 100\ngps = 5\nstart = none\n") }
  const image = await fatfsImage(40, 512)
  await writeFiles(image, { "A.MET": met.bytes, "LOGGER.CFG": config.bytes })
  return [...logs, ...(await tables()), { name: "card.img", bytes: new Uint8Array(image) }, config]
}

function goldenOf(format: string): Seed[] {
  const files = readdirSync(join(GOLDEN, format), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.flatMap(({ name, parentPath }) => {
    if (/\.(md|txt|jsonl|json)(\.gz)?$/.test(name) && !name.includes("spec")) return []
    const stored = readFileSync(join(parentPath, name))
    const bytes = new Uint8Array(name.endsWith(".gz") ? gunzipSync(stored) : stored)
    return bytes.length > LARGEST ? [] : [{ name: name.replace(/\.gz$/, ""), bytes }]
  })
}

async function tables(): Promise<Seed[]> {
  const seeds: Seed[] = []
  for (const target of TABLES) {
    for (const data of Object.values(cases).slice(0, 4)) {
      const output = new MemoryOutput(`case.${target}`)
      await targetFor("", target).write(caseLog(data), output, {})
      seeds.push({ name: output.name, bytes: output.bytes() })
    }
  }
  return seeds
}
