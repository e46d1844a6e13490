import { execFileSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { UnreadableRanges } from "../../host/bytes/unreadable.js"
import { deviceSize } from "../../host/io/file-source.js"
import { fieldlog } from "../cli/command.js"
import { needs } from "../needs.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"

const golden = (name: string) => {
  const bytes = readFileSync(join(import.meta.dirname, "../golden", name))
  return name.endsWith(".gz") ? gunzipSync(bytes) : bytes
}

let folder = ""
let library = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-bad-card-"))
  library = join(folder, "unreadable.so")
})
afterAll(() => rmSync(folder, { recursive: true }))

/** As many rows of a btsf log as make a file of some kilobytes. */
async function longBtsf(): Promise<Buffer> {
  writeFileSync(join(folder, "rows.csv"), `time [s],v\n${Array.from({ length: 2000 }, (_, i) => `${i / 100},${i}\n`).join("")}`)
  expect((await fieldlog(["convert", join(folder, "rows.csv"), "-o", join(folder, "long.btsf"), "--force"])).code).toBe(0)
  return readFileSync(join(folder, "long.btsf"))
}

describe("an image that ends inside a log", () => {
  test.each([
    ["A.JLS", async () => golden("jls/dtype_f32/file.jls.gz")],
    ["A.MET", async () => golden("meteor/r01-basic/input.met")],
    ["A.BTS", longBtsf],
  ])("gives the rows before its end, says so, and ends with 3: %s", async (name, content) => {
    const bytes = await content()
    const image = await fatfsImage(40, 512)
    await writeFiles(image, { [name]: bytes })
    const at = image.indexOf(bytes.subarray(0, 512))
    expect(at).toBeGreaterThan(0)
    const half = Math.floor(bytes.length / 2)
    const path = join(folder, `cut-${name}.img`)
    writeFileSync(path, image.subarray(0, at + half))
    for (const command of ["info", "check", "stats", "cat"]) {
      const ran = await fieldlog([command, path])
      expect([command, ran.code, ran.err]).toEqual([command, 3, expect.stringContaining("the image ends here")])
      expect(ran.err).toContain(name)
    }
    const got = join(folder, `got-${name}`)
    expect((await fieldlog(["card", "get", path, "-o", got])).code).toBe(3)
    expect(readFileSync(join(got, name)).equals(bytes.subarray(0, half))).toBe(true)
  })
})

describe("an image that ends before", () => {
  /** A card with a log in its root and one in a folder, whose entries lie behind the first log. */
  async function card(): Promise<Buffer> {
    const image = await fatfsImage(40, 512)
    await writeFiles(image, { "A.BTS": golden("btsf/one_double/file.btsf"), "SUB/B.DDF": golden("ddff/cpp_base_64/file.ddff") })
    return image
  }

  test("a folder's entries says so, in every command, and other logs are read", async () => {
    const image = await card()
    const entry = image.indexOf("B       DDF")
    const path = join(folder, "cut-folder.img")
    writeFileSync(path, image.subarray(0, entry - (entry % 512)))
    for (const args of [["info"], ["check"], ["cat"], ["recover", "-o", join(folder, "cut-folder")]]) {
      const ran = await fieldlog([...args, path])
      expect([args[0], ran.code, ran.err]).toEqual([args[0], 3, expect.stringContaining("/SUB: the image ends here: 512 bytes")])
    }
  })

  test("its root folder, or a log's first byte, says so where nothing can be read", async () => {
    const image = await card()
    const root = (image.readUInt16LE(14) + 2 * image.readUInt32LE(36)) * 512
    const path = join(folder, "cut-root.img")
    writeFileSync(path, image.subarray(0, root))
    for (const args of [["info"], ["recover", "-o", join(folder, "cut-root")]]) {
      const ran = await fieldlog([...args, path])
      expect([args[0], ran.code, ran.err]).toEqual([args[0], 1, expect.stringContaining("the root folder: the image ends here")])
    }
    const log = image.indexOf(golden("ddff/cpp_base_64/file.ddff").subarray(0, 512))
    for (const [length, left] of [
      [0, "is empty"],
      [30, "no sound block"],
    ] as const) {
      writeFileSync(path, image.subarray(0, log + length))
      const ran = await fieldlog(["info", `${path}:/SUB/B.DDF`])
      expect([ran.code, ran.err]).toEqual([1, expect.stringMatching(`the image ends here, at byte ${length} of.*${left}`)])
    }
  })
})

describe("a sector that cannot be read", () => {
  const bad = (at: number, name: string, ...args: string[]) => {
    if (!readdirSync(folder).includes("unreadable.so")) {
      execFileSync("gcc", ["-shared", "-fPIC", "-o", library, join(import.meta.dirname, "unreadable.c"), "-ldl"])
    }
    return fieldlog(args, { env: { UV_USE_IO_URING: "0", LD_PRELOAD: library, EIO_AT: String(at), EIO_NAME: name } })
  }

  test("costs a log no more than itself, on a card and as a file", needs("gcc"), async () => {
    const bytes = await longBtsf()
    const image = await fatfsImage(40, 512)
    await writeFiles(image, { "A.BTS": bytes, "B.BTS": golden("btsf/one_double/file.btsf") })
    const path = join(folder, "worn-card.img")
    writeFileSync(path, image)
    const at = image.indexOf(bytes.subarray(0, 512)) + 10 * 512
    const got = join(folder, "got")
    const copied = await bad(at, "worn-card", "card", "get", path, "-o", got)
    expect(copied.code).toBe(3)
    expect(copied.err).toContain("unreadable at byte 5120: A.BTS: 512 bytes cannot be read")
    const expected = Buffer.from(bytes)
    expected.fill(0, 5120, 5632)
    expect(readFileSync(join(got, "A.BTS")).equals(expected)).toBe(true)
    expect(readFileSync(join(got, "B.BTS")).equals(golden("btsf/one_double/file.btsf"))).toBe(true)

    const file = join(folder, "worn-log.btsf")
    copyFileSync(join(folder, "long.btsf"), file)
    for (const args of [
      ["cat", file],
      ["check", file],
      ["recover", file, "-o", join(folder, "saved.btsf")],
      ["cat", `${path}:/A.BTS`],
    ]) {
      const ran = await bad(args.includes(file) ? 5120 : at, "worn-", ...args)
      expect([args[0], ran.code, ran.err]).toEqual([args[0], 3, expect.stringMatching(/5,?120.*512 bytes/)])
    }
  })

  test("of a day in a libarray tree costs the lines in it, and is told", needs("gcc"), async () => {
    const tree = join(folder, "worn-tree")
    for (const day of ["01", "02"]) {
      mkdirSync(join(tree, "N/M/2004/01", day), { recursive: true })
      const lines = Array.from(
        { length: 60 },
        (_, i) => `2004-01-${day} 00:00:${String(i).padStart(2, "0")}|${String(i).padStart(11, "0")}\n`,
      )
      writeFileSync(join(tree, "N/M/2004/01", day, "K"), lines.join(""))
    }
    const series = ["-N", "N", "-M", "M", "-K", "K", "--root", tree]
    // Lines of 32 bytes: sector 1 is lines 16 to 31, and with the line behind it has no line end.
    for (const [args, rows] of [
      [["cat", tree], 103],
      [["tsdump", ...series], 103],
      [["cat", join(tree, "N/M/2004/01/01/K")], 43],
      [["check", tree], null],
      [["info", tree], null],
    ] as const) {
      const ran = await bad(512, "01/01/K", ...args)
      expect([args[0], ran.code, ran.err]).toEqual([args[0], 3, expect.stringContaining("512 bytes cannot be read")])
      if (rows !== null) expect(ran.out.trimEnd().split("\n")).toHaveLength(rows)
    }
  })

  test(
    "of the boot sector and of one FAT is taken from their copy; without a root folder logs are found by signature",
    needs("gcc"),
    async () => {
      const image = await fatfsImage(40, 512)
      const log = golden("meteor/r01-basic/input.met")
      await writeFiles(image, { "A.MET": log })
      const path = join(folder, "worn-fat.img")
      writeFileSync(path, image)
      const reserved = image.readUInt16LE(14) * 512
      const sound = await fieldlog(["cat", path])
      for (const at of [reserved, statSync(path).size - 512]) {
        const ran = await bad(at, "worn-fat", "cat", path)
        expect([at, ran.code, ran.out]).toEqual([at, sound.code, sound.out])
      }
      const root = reserved + 2 * image.readUInt32LE(36) * 512
      const ran = await bad(root, "worn-fat", "cat", path)
      expect(ran.code).toBe(3)
      expect(ran.out.split("\n").length).toBeGreaterThanOrEqual(sound.out.split("\n").length)
      expect(ran.err).toContain("found by its signature")
    },
  )
})

test("places that cannot be read are kept in order, neighbours joined", () => {
  const ranges = new UnreadableRanges()
  for (const at of [1024, 0, 4096, 512, 1024]) ranges.add(at, 512)
  expect(ranges.all).toEqual([
    { at: 0, length: 1536 },
    { at: 4096, length: 512 },
  ])
})

test("a device that answers whatever is asked has no size", async () => {
  await expect(deviceSize(async (_, length) => length)).rejects.toThrow("no sector of the device can be read")
})
