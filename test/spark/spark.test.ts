import { spawn, spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { open, stats } from "../../host/index.js"
import { MAIN } from "../cli/command.js"
import { cellOf } from "../conformance/expected.js"
import { needs, needsPeers, without } from "../needs.js"
import { python } from "../peers/python.js"

const GOLDEN = join(import.meta.dirname, "../golden")
const SCRIPT = join(import.meta.dirname, "../../examples/spark/dataset.py")

/** Golden logs by the name that each has in the folder to convert. */
const LOGS: Readonly<Record<string, string>> = {
  "lap.met": "meteor/h07-composite-basic/input.met",
  "lap.spec.json": "meteor/h07-composite-basic/spec.json",
  "damaged.ddff": "ddff/bad_crc_middle/file.ddff",
  "device.ddff": "ddff/template_device_a/file.ddff",
  "row.btsf": "btsf/all_types_le/file.btsf",
}

const hasSpark = () =>
  spawnSync(python as string, ["-c", "import importlib.util as i, sys; sys.exit(i.find_spec('pyspark') is None)"]).status === 0
const java = needs("java")
const peers = java.skip ? java : needsPeers()

describe("Spark", peers.skip || process.env.CI === "true" || hasSpark() ? peers : without("pyspark is not installed"), () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-spark-"))
  const logs = join(folder, "logs")
  const dataset = join(folder, "season")
  const places = join(folder, "places")
  let ran: Awaited<ReturnType<typeof submit>>

  beforeAll(async () => {
    mkdirSync(logs)
    for (const [name, golden] of Object.entries(LOGS)) copyFileSync(join(GOLDEN, golden), join(logs, name))
    writeFileSync(join(logs, "broken.jls"), "no log at all")
    // Every executor has a folder of its own: where the shards ran.
    const fieldlog = `sh -c 'pwd >> ${places}; exec "${process.execPath}" "${MAIN}" "$@"' sh`
    ran = await submit([logs, dataset, "--shards", "2", "--fieldlog", fieldlog])
  }, 300_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test("two workers convert a shard each", () => {
    const lines = readFileSync(places, "utf8").trim().split("\n")
    expect(lines.map((path) => basename(path)).sort()).toEqual(["0", "1"])
    expect(ran.err).toMatch(/shard 1\/2: exit \d/)
    expect(ran.err).toMatch(/shard 2\/2: exit \d/)
  })

  test("a log that cannot be read is named, ends the script with 1 and stops no other", () => {
    expect(ran.code, ran.err.slice(-2000)).toBe(1)
    expect(ran.err).toMatch(/broken\.jls: /)
    expect(existsSync(join(dataset, "runs.parquet"))).toBe(true)
  })

  test("what Spark finds in the dataset is what the library finds in the logs", async () => {
    const want: unknown[] = []
    for (const name of Object.keys(LOGS).filter((each) => !each.endsWith(".json"))) {
      const log = await open(join(logs, name))
      for (const { group, channel, count, min, max } of await stats(log)) {
        if (min !== null) want.push({ file: join(logs, name), group, channel, count, min: cellOf(Number(min)), max: cellOf(Number(max)) })
      }
      await log.close()
    }
    const rows = ran.out.split("\n").filter((line) => line.startsWith("{"))
    const found = rows.map((line) => JSON.parse(line) as { min: number | null }).filter(({ min }) => min !== null)
    const byName = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort()
    expect(want.length).toBeGreaterThan(10)
    expect(byName(found)).toEqual(byName(want))
  })
})

/** Runs the example on a cluster of two workers, each a process with a core. The compiler's first level is enough for so short a run. */
function submit(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const java = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
  const settings = {
    "spark.executor.extraJavaOptions": java,
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.scheduler.minRegisteredResourcesRatio": "1",
    "spark.scheduler.maxRegisteredResourcesWaitingTime": "120s",
  }
  const conf = Object.entries(settings).map(([name, value]) => `--conf '${name}=${value}'`)
  const env = {
    ...process.env,
    PYSPARK_SUBMIT_ARGS: ["--master local-cluster[2,1,1024]", `--driver-java-options '${java}'`, ...conf, "pyspark-shell"].join(" "),
    PYSPARK_PYTHON: python ?? "python3",
    SPARK_LOCAL_IP: "127.0.0.1",
    SPARK_LOCAL_HOSTNAME: "localhost",
  }
  return new Promise((resolve, reject) => {
    const child = spawn(python ?? "python3", [SCRIPT, ...args], { env, stdio: ["ignore", "pipe", "pipe"] })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on("data", (bytes: Buffer) => out.push(bytes))
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }))
  })
}
