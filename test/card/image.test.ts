import { beforeAll, describe, expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { LogError } from "../../host/model/errors.js"
import { needs } from "../needs.js"
import { fatfsImage, partitioned, vfatImage, writeFiles } from "../sim/card/images.js"

const LONG = "a long name with ümlaut and 漢字.ndjson"

/** Sectors of the boot parameter block that the tests damage. */
const RESERVED = 14
const FAT_SIZE = 36

let pristine: Buffer

beforeAll(async () => {
  pristine = await fatfsImage(40, 512)
  await writeFiles(pristine, {
    "LOG00001.MET": Buffer.alloc(5000, "log "),
    [LONG]: Buffer.from("long"),
    "runs/2025/second run.ddf": Buffer.alloc(1300, 7),
    "empty.txt": Buffer.alloc(0),
  })
})

async function open(image: Buffer) {
  return openImage(memorySource(image, "card.img"))
}

async function bytes(image: Buffer, path: string): Promise<Buffer> {
  const file = (await open(image)).open(path)
  return Buffer.from(await file.read(0, file.size))
}

/** Byte offset of the FAT entry of a cluster. */
function fatAt(image: Buffer, cluster: number, copy = 0): number {
  return (image.readUInt16LE(RESERVED) + copy * image.readUInt32LE(FAT_SIZE)) * 512 + cluster * 4
}

describe("a card image", () => {
  test("names the partitions that are not read, and calls it an error where logs may lie on them", async () => {
    const image = partitioned(pristine)
    expect((await open(image)).issues).toEqual([])
    const second = (type: number) => {
      const two = Buffer.from(image)
      two[446 + 16 + 4] = type
      two.writeUInt32LE(100_000, 446 + 16 + 8)
      two.writeUInt32LE(40_000, 446 + 16 + 12)
      return two
    }
    for (const [type, kind, severity] of [
      [0x0b, "FAT32", "error"],
      [0x06, "FAT16", "error"],
      [0x83, "a Linux partition", "note"],
    ] as const) {
      const { entries, hiding } = await open(second(type))
      expect(entries.map(({ path }) => path)).toContain("/LOG00001.MET")
      expect(hiding).toMatchObject([{ kind: "other-partition", severity, at: 51_200_000 }])
      expect(hiding[0]?.text).toContain(`another partition (${kind}, 20 MB) begins at byte 51200000`)
    }
  })

  test("lists files and folders with their long names", async () => {
    const card = await open(pristine)
    expect(card.entries.map((e) => [e.path, e.size, e.folder])).toEqual([
      ["/LOG00001.MET", 5000, false],
      [`/${LONG}`, 4, false],
      ["/runs", 0, true],
      ["/runs/2025", 0, true],
      ["/runs/2025/second run.ddf", 1300, false],
      ["/empty.txt", 0, false],
    ])
    expect(card.issues).toEqual([])
  })

  test("gives files whole and in parts, whatever the case of the path", async () => {
    expect(await bytes(pristine, "/log00001.met")).toEqual(Buffer.alloc(5000, "log "))
    expect(await bytes(pristine, `/${LONG}`)).toEqual(Buffer.from("long"))
    const file = (await open(pristine)).open("runs/2025/SECOND RUN.DDF")
    expect(await file.read(1290, 100)).toEqual(new Uint8Array(10).fill(7))
    expect(await file.read(5000, 10)).toHaveLength(0)
  })

  test("counts the free space", async () => {
    const card = await open(pristine)
    const used = 10 + 1 + 1 + 1 + 3 + 1
    expect(await card.free()).toBe(card.capacity - used * 512)
  })

  test("says that a file does not exist", async () => {
    const card = await open(pristine)
    expect(() => card.open("/nothing")).toThrow(/no file \/nothing/)
    expect(() => card.open("/runs")).toThrow(LogError)
  })

  test("is found behind a partition table", async () => {
    const image = partitioned(pristine)
    expect(await bytes(image, "/LOG00001.MET")).toEqual(Buffer.alloc(5000, "log "))
  })
})

describe("a source that is no FAT32 card", () => {
  const marked = (text: string, at: number) => {
    const image = Buffer.alloc(4096)
    image.write("\u00eb\u0058\u0090", 0, "latin1")
    image.write(text, at, "latin1")
    image.writeUInt16LE(0xaa55, 510)
    return image
  }
  const table = (type: number) => {
    const image = Buffer.alloc(4096)
    image[446 + 4] = type
    image.writeUInt32LE(1, 446 + 8)
    image.writeUInt16LE(0xaa55, 510)
    return image
  }
  test.each<[string, Buffer, RegExp]>([
    ["empty", Buffer.alloc(0), /too short/],
    ["all zeros", Buffer.alloc(4096), /no boot sector/],
    ["a text", Buffer.alloc(4096, "hello "), /no boot sector/],
    ["exFAT", marked("EXFAT   ", 3), /exFAT/],
    ["FAT16", marked("FAT16   ", 0x36), /FAT16/],
    ["a table with exFAT", table(7), /exFAT/],
    ["a table with FAT16", table(6), /FAT16/],
    ["GPT", table(0xee), /GPT/],
    ["an empty table", table(0), /no partition/],
    ["a FAT32 partition with nothing in it", table(0x0c), /no boot sector is in it/],
  ])("is refused with one message: %s", async (_, image, message) => {
    await expect(open(image)).rejects.toThrow(message)
    await expect(open(image)).rejects.toThrow(LogError)
  })
})

describe("a damaged image", () => {
  test("a chain that loops ends there, with an issue", async () => {
    const image = Buffer.from(pristine)
    const first = (await open(image)).entries[0]?.firstCluster as number
    image.writeUInt32LE(first, fatAt(image, first + 4))
    const card = await open(image)
    expect(card.issues.map((i) => i.kind)).toEqual(["cross-link", "short-chain"])
    expect(card.entries[0]?.readable).toBe(5 * 512)
  })

  test("two files that share clusters are both named", async () => {
    const image = Buffer.from(pristine)
    const entries = (await open(image)).entries
    const log = entries[0]?.firstCluster as number
    const run = entries[4]?.firstCluster as number
    image.writeUInt32LE(log + 3, fatAt(image, run))
    const card = await open(image)
    expect(card.issues.map((i) => i.text).join("\n")).toMatch(/second run.ddf.*belongs to another file/)
    expect(await bytes(image, "/LOG00001.MET")).toEqual(Buffer.alloc(5000, "log "))
  })

  test("a chain that runs into free space is short", async () => {
    const image = Buffer.from(pristine)
    const first = (await open(image)).entries[0]?.firstCluster as number
    image.writeUInt32LE(0, fatAt(image, first + 1))
    const card = await open(image)
    expect(card.issues.map((i) => i.kind)).toEqual(["bad-chain", "short-chain"])
    expect((await bytes(image, "/LOG00001.MET")).length).toBe(1024)
  })

  test("an image that was cut off is read as far as it goes", async () => {
    const entry = (await open(pristine)).entries[0]
    const end = pristine.length - 1_000_000
    const card = await open(pristine.subarray(0, end))
    expect(card.issues[0]?.kind).toBe("truncated-image")
    expect(card.entries[0]?.size).toBe(entry?.size)
    await card.free()
  })

  test("whatever bytes are wrong, it answers with files, issues or one LogError", async () => {
    const runs = Number(process.env.FIELDLOG_FUZZ ?? 300)
    const seed = Number(process.env.FIELDLOG_SEED ?? 1)
    let state = seed
    const random = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 4294967296) * n)
    }
    const image = Buffer.from(pristine)
    const folder = fatAt(image, 0, 2)
    const places = [() => random(512), () => fatAt(image, random(40)) + random(4), () => folder + random(6 * 512)]
    for (let run = 0; run < runs; run++) {
      const changes = Array.from({ length: 1 + random(6) }, () => (places[random(3)] as () => number)())
      const old = changes.map((at) => image[at] as number)
      for (const at of changes) image[at] = random(2) === 0 ? random(256) : (image[at] as number) ^ (1 << random(8))
      try {
        const card = await open(image)
        for (const entry of card.entries) if (!entry.folder) await card.open(entry.path).read(0, 100_000)
      } catch (error) {
        if (!(error instanceof LogError)) throw new Error(`seed ${seed}, run ${run}: ${error}`, { cause: error })
      }
      for (let i = changes.length - 1; i >= 0; i--) image[changes[i] as number] = old[i] as number
    }
    expect(image.equals(pristine)).toBe(true)
  })
})

describe("an image that mkfs.vfat made", needs("mkfs.vfat"), () => {
  test("has its label and no files", async () => {
    const card = await open(vfatImage(40, 8))
    expect(card.label).toBe("FIELDLOG")
    expect(card.entries).toEqual([])
    expect(await card.free()).toBe(card.capacity - 4096)
  })
})
