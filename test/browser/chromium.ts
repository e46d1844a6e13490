import { type Browser, chromium, type JSHandle, type Page } from "playwright-core"
import type { BlobLike } from "../../host/browser.js"
import { pathOf } from "../needs.js"

/** Where a page stands: a secure context, as `https` is one, though nothing is asked for on the network. */
const ORIGIN = "https://fieldlog.test"

/** What a page may do: its own scripts and WebAssembly, no text as a program. */
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"

/** Starts Chromium without a window. The caller closes it. @throws Error when it is not installed */
export async function startChromium(): Promise<Browser> {
  const executablePath = pathOf("chromium")
  if (executablePath === null) throw new Error("chromium is not installed")
  return chromium.launch({ executablePath, args: ["--no-sandbox"] })
}

/**
 * A page that holds scripts, in this order, and may run nothing else. What it asks for is answered from memory.
 * @throws Error with the first error that the scripts raise
 */
export async function openPage(browser: Browser, scripts: readonly string[]): Promise<Page> {
  const page = await browser.newPage()
  const errors: Error[] = []
  page.on("pageerror", (error) => errors.push(error))
  const html = `<!doctype html><meta charset="utf-8"><input type="file" multiple>${scripts.map((_, i) => `<script src="/${i}.js"></script>`).join("")}`
  await page.route(`${ORIGIN}/**`, async (route) => {
    const script = scripts[Number(/(\d+)\.js$/.exec(route.request().url())?.[1])]
    if (script !== undefined) await route.fulfill({ contentType: "text/javascript", body: script })
    else await route.fulfill({ contentType: "text/html", headers: { "content-security-policy": POLICY }, body: html })
  })
  await page.goto(`${ORIGIN}/`)
  if (errors[0] !== undefined) throw errors[0]
  return page
}

/** A file that a user gives to the page: one on the disk by its path, whatever its size, or bytes under a name. */
export async function given(page: Page, file: string | { readonly name: string; readonly bytes: Uint8Array }): Promise<JSHandle<BlobLike>> {
  const files = typeof file === "string" ? file : { name: file.name, mimeType: "application/octet-stream", buffer: Buffer.from(file.bytes) }
  await page.setInputFiles("input", files)
  return page.evaluateHandle<BlobLike>("document.querySelector('input').files[0]")
}
