import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { RENODE } from "../sim/target/renode-parts.js"
import { publicPlatform } from "./platform.js"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-platform-"))
  vi.stubEnv("RP2040_PLATFORM", "")
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test("the platform is fetched once, at its pinned commit", () => {
  const said: string[] = []
  const git = (...args: readonly string[]) => {
    said.push(args.slice(2).join(" "))
    if (args[2] === "checkout") mkdirSync(join(args[1] as string, "emulation", "peripherals"), { recursive: true })
    return null
  }
  const into = join(folder, "platform")
  expect(publicPlatform(into, git)).toBe(into)
  const { repository, commit } = RENODE.platform
  expect(said).toEqual(["init -q", `fetch -q --depth 1 https://github.com/${repository} ${commit}`, `checkout -q ${commit}`])
  expect(publicPlatform(into, () => "asked again")).toBe(into)
})

test("a fetch that fails leaves nothing behind, and a named folder is judged", () => {
  const into = join(folder, "platform")
  const git = (...args: readonly string[]) => (args[2] === "fetch" ? "could not resolve host" : null)
  expect(() => publicPlatform(into, git)).toThrow("the public RP2040 platform cannot be fetched: could not resolve host")
  expect(readdirSync(folder)).toEqual([])
  vi.stubEnv("RP2040_PLATFORM", join(folder, "away"))
  expect(() => publicPlatform(into, git)).toThrow("does not exist")
  expect(existsSync(into)).toBe(false)
})
