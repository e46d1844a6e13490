import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest"
import { without } from "../needs.js"
import { Monitor } from "../sim/target/renode-monitor.js"
import { platformFault, renodeFault } from "../sim/target/renode-parts.js"

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

  test.each([
    ["include @missing.resc", "Could not find file"],
    ["crash now", "Renode ended after crash now"],
  ])("tells what Renode said about %s, and leaves no process behind", async (command, said) => {
    const monitor = await Monitor.start(FAKE, folder)
    await expect(monitor.say(command)).rejects.toThrow(said)
    expect(() => process.kill(Number(readFileSync(join(folder, "pid.txt"), "utf8")), 0)).toThrow("ESRCH")
  })

  test("names another Renode, and a platform that is not the pinned one", () => {
    expect(renodeFault(FAKE)).toBeNull()
    process.env.FAKE_RENODE_VERSION = "1.16.1"
    onTestFinished(() => void delete process.env.FAKE_RENODE_VERSION)
    expect(renodeFault(FAKE)).toMatch(/is Renode 1\.16\.1, expected 1\.15\.3/)
    expect(renodeFault(join(folder, "renode"))).toMatch(/^there is no command /)
    expect(platformFault("")).toContain("RP2040_PLATFORM names no checkout")
    expect(platformFault(join(folder, "away"))).toMatch(/does not exist$/)
    expect(platformFault(folder)).toContain("no emulation/peripherals")
    mkdirSync(join(folder, "emulation", "peripherals"), { recursive: true })
    expect(platformFault(folder)).toBeNull()
    execFileSync("git", ["-C", folder, "init", "-q"])
    const author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    execFileSync("git", ["-C", folder, ...author, "commit", "-q", "--allow-empty", "-m", "another"])
    expect(platformFault(folder)).toMatch(/is at commit [0-9a-f]{40}, expected 0d45da45/)
  })

  test("tells what a Renode said that does not come up, and that there is none", async () => {
    const broken = join(folder, "broken")
    mkdirSync(broken)
    await expect(Monitor.start(FAKE, broken)).rejects.toThrow("no display")
    await expect(Monitor.start(join(folder, "renode"), folder)).rejects.toThrow("ENOENT")
  })
})
