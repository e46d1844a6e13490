import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { without } from "../needs.js"
import { Monitor } from "../sim/target/renode-monitor.js"

/** Renode itself is not here: a program that echoes and answers as its monitor does takes the commands. */
const FAKE = join(import.meta.dirname, "fake-renode.mjs")

describe("the driver of Renode's monitor", without(process.platform === "win32" ? "this is Windows" : null), () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fieldlog-renode-"))
    chmodSync(FAKE, 0o755)
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test("says one command after the other, and waits for each", async () => {
    const monitor = await Monitor.start(FAKE, folder)
    await monitor.say("include @fieldlog_pico.resc")
    expect(readFileSync(join(folder, "commands.txt"), "utf8")).toBe("include @fieldlog_pico.resc\n")
    await monitor.say('emulation RunFor "0.1"')
    await monitor.quit()
    expect(readFileSync(join(folder, "commands.txt"), "utf8")).toBe('include @fieldlog_pico.resc\nemulation RunFor "0.1"\nquit\n')
  })

  test("tells what Renode said about a command that it refuses, and when it is gone", async () => {
    const monitor = await Monitor.start(FAKE, folder)
    await expect(monitor.say("include @missing.resc")).rejects.toThrow("Could not find file")
    await expect(monitor.say("crash now")).rejects.toThrow("Renode ended after crash now")
  })

  test("tells what a Renode said that does not come up, and that there is none", async () => {
    const broken = join(folder, "broken")
    mkdirSync(broken)
    await expect(Monitor.start(FAKE, broken)).rejects.toThrow("no display")
    await expect(Monitor.start(join(folder, "renode"), folder)).rejects.toThrow("ENOENT")
  })
})
