import { expect, test } from "vitest"
import { dump } from "../../../host/formats/libarray/dump.js"
import { diskFiles, type TreeFiles } from "../../../host/formats/libarray/tree.js"
import { treeOf } from "./tree-of.js"

const series = { net: "SIL", method: "NaI", id: "app_1" }

/** The computer's files, with the paths that were opened and listed below the root. */
function countingFiles(root: string): { files: TreeFiles; opened: string[]; listed: string[] } {
  const opened: string[] = []
  const listed: string[] = []
  const files: TreeFiles = {
    open(path) {
      opened.push(path.slice(root.length + 1))
      return diskFiles.open(path)
    },
    list(path) {
      listed.push(path.slice(root.length + 1))
      return diskFiles.list(path)
    },
  }
  return { files, opened, listed }
}

/** Days of 2004, one line each. */
function year(): Record<string, string> {
  const files: Record<string, string> = {}
  for (let day = 0; day < 366; day++) {
    const date = new Date(Date.UTC(2004, 0, 1 + day)).toISOString().slice(0, 10)
    files[`SIL/NaI/${date.replaceAll("-", "/")}/app_1`] = `${date} 12:00:00|1\n`
  }
  return files
}

test("a dump of one day opens one file, and looks at the directory of its month only", () => {
  const root = treeOf(year())
  const { files, opened, listed } = countingFiles(root)
  const parts = [...dump({ root, series, from: "2004-05-01", to: "2004-05-01", files })]
  expect(Buffer.concat(parts).toString()).toBe("2004-05-01 12:00:00|1\n")
  expect(opened).toEqual(["SIL/NaI/2004/05/01/app_1"])
  expect(listed).toEqual(["SIL/NaI/2004/05"])
})

test("a dump of two days over a month's end opens two files, and lists no other month", () => {
  const root = treeOf(year())
  const { files, opened, listed } = countingFiles(root)
  expect([...dump({ root, series, from: "2004-04-30", to: "2004-05-01 11:59:59", files })].length).toBe(1)
  expect(opened).toEqual(["SIL/NaI/2004/04/30/app_1", "SIL/NaI/2004/05/01/app_1"])
  expect(listed).toEqual(["SIL/NaI", "SIL/NaI/2004", "SIL/NaI/2004/04", "SIL/NaI/2004/05"])
})

test("a dump of all opens each day once", () => {
  const root = treeOf(year())
  const { files, opened } = countingFiles(root)
  expect(
    Buffer.concat([...dump({ root, series, files })])
      .toString()
      .split("\n").length,
  ).toBe(367)
  expect(new Set(opened).size).toBe(366)
  expect(opened.length).toBe(366)
})
