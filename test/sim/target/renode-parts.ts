import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

/** What level 3 is pinned to: the released Renode, and the public RP2040 platform that only this version can load. */
export const RENODE = {
  version: "1.15.3",
  archives: [
    "https://github.com/renode/renode/releases/download/v1.15.3/renode-1.15.3.linux-portable.tar.gz",
    "https://dl.antmicro.com/projects/renode/builds/renode-1.15.3.linux-portable.tar.gz",
  ],
  /** As two public build rules have it for this version's file of that name. */
  sha256: "1d313e2bca5d066b4b084c581c933b26a665be45e71b18145c1570490a0e439d",
  platform: { repository: "matgla/Renode_RP2040", commit: "0d45da458fffadf6ed8c037f4dea9f9d216a7b9d" },
} as const

/** Where `npm run emulate -- --renode` keeps the public platform, below the root. */
export const PLATFORM = join(".build", "renode-rp2040")

/** What to give where it cannot be fetched. */
export const RENODE_BY_HAND = `Level 3 needs two things beside those of level 2:
  Renode ${RENODE.version}: ${RENODE.archives[0]}
    unpack it and name its program: FIELDLOG_RENODE=.../renode
  the public RP2040 platform: https://github.com/${RENODE.platform.repository}, commit ${RENODE.platform.commit}
    name its folder: RP2040_PLATFORM=.../Renode_RP2040`

/** The command that runs Renode. */
export function renodeCommand(): string {
  return process.env.FIELDLOG_RENODE ?? "renode"
}

/** Why this is not the Renode that is needed; null when it is. Runs `command --version`. */
export function renodeFault(command: string): string | null {
  const ran = spawnSync(command, ["--version"], { encoding: "utf8", timeout: 60_000 })
  if (ran.error !== undefined || ran.status === null) return `there is no command ${command}`
  const said = `${ran.stdout}${ran.stderr}`
  const version = /(\d+\.\d+\.\d+)/.exec(said)?.[1]
  if (version === undefined) return `${command} --version names no version`
  return version === RENODE.version
    ? null
    : `${command} is Renode ${version}, expected ${RENODE.version}: no other loads the public RP2040 platform`
}

/** Why this folder is not the platform that is needed; null when it is. A folder without git is taken as it is, if its models are there. */
export function platformFault(folder: string): string | null {
  if (folder === "") return "RP2040_PLATFORM names no checkout of the public RP2040 platform"
  if (!existsSync(folder)) return `${folder} does not exist`
  if (!existsSync(join(folder, "emulation", "peripherals")))
    return `${folder} has no emulation/peripherals: it is no checkout of the public RP2040 platform`
  if (!existsSync(join(folder, ".git"))) return null
  const ran = spawnSync("git", ["-C", folder, "rev-parse", "HEAD"], { encoding: "utf8" })
  const commit = ran.status === 0 ? ran.stdout.trim() : "unknown"
  const { commit: wanted } = RENODE.platform
  return commit === wanted ? null : `${folder} is at commit ${commit}, expected ${wanted}`
}
