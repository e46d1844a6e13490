/** @module-tag slow */

import { existsSync, readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { checkBtsf } from "../../../host/formats/btsf/check.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { FUZZ_RUNS, fuzz } from "../../fuzz/mutate.js"
import { allRows } from "./rows-of.js"

const folder = "test/golden/btsf"
const seeds = readdirSync(folder)
  .filter((name) => existsSync(`${folder}/${name}/file.btsf`))
  .map((name) => new Uint8Array(readFileSync(`${folder}/${name}/file.btsf`)))
const good = new Uint8Array(readFileSync(`${folder}/intro_many/file.btsf`))
const SEED = Number(process.env.FIELDLOG_SEED ?? 1)

test(`${FUZZ_RUNS} mutated files are read to their end or refused, seed ${SEED}`, { timeout: 3_600_000 }, async () => {
  const expected = await allRows(await openBtsf(memorySource(good)))
  const read = async (input: Uint8Array) => {
    const log = await openBtsf(memorySource(input))
    await log.survey()
    for await (const { columns, rows } of log.chunks()) if (columns.some(({ length }) => length !== rows)) throw new Error("uneven columns")
    for await (const _ of checkBtsf(memorySource(input)));
  }
  const stillWorks = async () => expect(await allRows(await openBtsf(memorySource(good)))).toEqual(expected)
  await fuzz({ seeds, read, stillWorks }, FUZZ_RUNS, SEED)
})
