import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs"
import { PLATFORM, platformFault, RENODE } from "../sim/target/renode-parts.js"

/** Runs git; what it says when it fails. */
type Git = (...args: readonly string[]) => string | null

/**
 * The folder of the public RP2040 platform: the one that RP2040_PLATFORM names, or one from before, or the pinned commit fetched by git.
 * @throws Error saying why there is none
 */
export function publicPlatform(folder: string = PLATFORM, git: Git = runGit): string {
  const named = process.env.RP2040_PLATFORM ?? ""
  if (named !== "") {
    const fault = platformFault(named)
    if (fault !== null) throw new Error(fault)
    return named
  }
  if (existsSync(folder) && platformFault(folder) === null) return folder
  const { repository, commit } = RENODE.platform
  // Half a checkout never has the folder's name.
  const part = `${folder}.part`
  rmSync(part, { recursive: true, force: true })
  mkdirSync(part, { recursive: true })
  for (const args of [
    ["init", "-q"],
    ["fetch", "-q", "--depth", "1", `https://github.com/${repository}`, commit],
    ["checkout", "-q", commit],
  ]) {
    const fault = git("-C", part, ...args)
    if (fault === null) continue
    rmSync(part, { recursive: true, force: true })
    throw new Error(`the public RP2040 platform cannot be fetched: ${fault}`)
  }
  rmSync(folder, { recursive: true, force: true })
  renameSync(part, folder)
  return folder
}

function runGit(...args: readonly string[]): string | null {
  const ran = spawnSync("git", args, { encoding: "utf8", timeout: 300_000, env: { ...process.env, GIT_TERMINAL_PROMPT: "0" } })
  if (ran.error !== undefined) return ran.error.message
  return ran.status === 0 ? null : (ran.stderr.trim().split("\n").at(-1) ?? `git ended with ${ran.status}`)
}
