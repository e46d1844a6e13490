/** @module-tag slow */

import { expect, test } from "vitest"
import { crc16 } from "../../../host/bytes/crc16.js"
import { memorySource } from "../../../host/bytes/source.js"
import { checkDdff } from "../../../host/formats/ddff/check.js"
import { openDdff } from "../../../host/formats/ddff/read.js"
import { FUZZ_RUNS, fuzz } from "../../fuzz/mutate.js"
import { goldenBytes, readRows } from "./golden.js"

const SEED = 77
const seeds = [
  "cpp_base_128",
  "cpp_intmap",
  "cpp_types",
  "cpp_tagged_fixed_128",
  "cpp_inventory_append_lost",
  "template_device_a",
  "py_writer_single_block",
].map((name) => Uint8Array.from(goldenBytes(name)))

/** Most changes end at the CRC: every other input gets its CRCs right again, so that what lies behind is reached. */
function resealed(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 28 <= bytes.length; ) {
    const size = view.getUint32(at + 12)
    if (size < 29 || at + size > bytes.length) break
    view.setUint16(at + 8, crc16(bytes, at + 10, at + size))
    at += size
  }
  return bytes
}

async function readAll(bytes: Uint8Array, recording?: string): Promise<void> {
  const log = await openDdff(memorySource(bytes), { recording })
  await log.survey()
  for await (const chunk of log.chunks({ order: "file" })) {
    for (const column of chunk.columns) if (column.length !== chunk.rows) throw new Error(`${column.length} values in ${chunk.rows} rows`)
  }
}

test(`only LogErrors come out of ${FUZZ_RUNS} mutated files (seed ${SEED}), and good files are still read`, {
  timeout: 3_600_000,
}, async () => {
  const good = await readRows(goldenBytes("cpp_tagged_fixed_128"))
  await fuzz(
    {
      seeds,
      async read(input) {
        // What is done with an input depends on it alone, so that a finding can be repeated.
        const turn = crc16(input, 0, input.length)
        const bytes = turn % 2 === 0 ? resealed(Uint8Array.from(input)) : input
        await readAll(bytes, turn % 5 === 0 ? "0" : undefined)
        if (turn % 3 === 0)
          for await (const finding of checkDdff(memorySource(bytes), {})) if (finding.text === "") throw new Error("no text")
      },
      async stillWorks() {
        expect((await readRows(goldenBytes("cpp_tagged_fixed_128"))).rows).toEqual(good.rows)
      },
    },
    FUZZ_RUNS,
    SEED,
  )
})
