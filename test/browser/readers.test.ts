import { basename } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type * as library from "../../host/browser.js"
import { memorySource, open } from "../../host/index.js"
import { needs } from "../needs.js"
import { bundled } from "./bundle.js"
import { given, openPage, startChromium } from "./chromium.js"
import { goldenLog, goldenLogs } from "./golden.js"
import * as reading from "./told.js"

declare const fieldlog: typeof library
declare const reader: typeof reading

describe("the library in Chromium", needs("chromium"), () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    browser = await startChromium()
    page = await openPage(browser, [await bundled("host/browser.ts", "fieldlog"), await bundled("test/browser/told.ts", "reader")])
  })
  afterAll(() => browser?.close())

  test("is asked about every format", () => {
    expect(new Set(goldenLogs().map((path) => path.split("/")[0]))).toEqual(new Set(["meteor", "ddff", "btsf", "jls", "libarray"]))
  })

  test.each(goldenLogs())("reads as Node does: %s", async (path) => {
    const { bytes, ...spec } = goldenLog(path)
    const name = basename(path, ".gz")
    const file = await given(page, { name, bytes })
    const found = await page.evaluate(([file, options]) => reader.told(() => fieldlog.open(file, options)), [file, spec] as const)
    expect(found).toBe(await reading.told(() => open(memorySource(bytes, name), spec)))
  })

  test("no text runs as a program there", async () => {
    await page.evaluate("document.body.append(Object.assign(document.createElement('script'), { textContent: 'var ran = true' }))")
    expect(await page.evaluate("typeof ran")).toBe("undefined")
  })
})
