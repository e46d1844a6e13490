import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { Run } from "./runs.js"

/** The names of a dataset's manifests, in order. */
export function manifestNames(folder: string): string[] {
  return readdirSync(join(folder, "runs"))
    .filter((name) => name.endsWith(".json"))
    .sort()
}

/** The manifests of a dataset: the runs of those that can be read, and the paths of the others. */
export function readManifests(folder: string, names: readonly string[]): { runs: Run[]; broken: string[] } {
  const runs: Run[] = []
  const broken: string[] = []
  for (const name of names) {
    const path = join(folder, "runs", name)
    const run = parsed(path)
    if (isRun(run)) runs.push(run)
    else broken.push(path)
  }
  return { runs, broken }
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"))
  } catch {
    return null
  }
}

type Test = (value: unknown) => boolean

const isText: Test = (value) => typeof value === "string"
const isNumber: Test = (value) => typeof value === "number"
const isNumberOrNull: Test = (value) => value === null || isNumber(value)
/** What stands in the columns of the tables as integers. */
const isWhole: Test = (value) => Number.isSafeInteger(value)

const RUN: Readonly<Record<keyof Run, Test>> = {
  run: isText,
  file: isText,
  format: isText,
  name: isText,
  start: (value) => value === null || (typeof value === "string" && /^-?\d+$/.test(value)),
  duration: isNumberOrNull,
  rows: isWhole,
  bytes: isWhole,
  errors: isWhole,
  partition: (value) => isObject(value) && Object.values(value).every(isText),
  channels: (value) => Array.isArray(value) && value.every((channel) => fits(channel, CHANNEL)),
}

const CHANNEL: Readonly<Record<keyof Run["channels"][number], Test>> = {
  group: isText,
  channel: isText,
  unit: isText,
  count: isWhole,
  min: isNumberOrNull,
  max: isNumberOrNull,
  mean: isNumberOrNull,
}

function isRun(value: unknown): value is Run {
  return fits(value, RUN)
}

function fits(value: unknown, shape: Readonly<Record<string, Test>>): boolean {
  return isObject(value) && Object.entries(shape).every(([name, test]) => test(value[name]))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
