import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** `npm run device`: copies the boards to where the DeviceScript command looks for them, and builds the logger for each machine. */
const root = fileURLToPath(new URL("../../../", import.meta.url))
const folder = join(root, "devicescript")
const ENTRIES = ["board", "emulated", "simulator"]

copyBoards()
for (const entry of ENTRIES) if (!build(entry)) process.exit(1)

function copyBoards(): void {
  const target = join(folder, "boards")
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  for (const name of readdirSync(join(root, "boards"))) {
    if (name.endsWith(".board.json")) cpSync(join(root, "boards", name), join(target, name))
  }
}

function build(entry: string): boolean {
  const devs = join(root, "node_modules", "@devicescript", "cli", "devicescript")
  // The command asks the registry for updates unless it is told not to.
  const env = { ...process.env, NO_UPDATE_NOTIFIER: "1" }
  const run = spawnSync(process.execPath, [devs, "build", "--quiet", `src/${entry}.ts`], { cwd: folder, env, stdio: "inherit" })
  if (run.status !== 0) return false
  const built = join(folder, ".devicescript", "bin", "bytecode.devs")
  const kept = join(folder, ".devicescript", "bin", `${entry}.devs`)
  cpSync(built, kept)
  process.stdout.write(`devicescript/.devicescript/bin/${entry}.devs: ${statSync(kept).size} bytes\n`)
  return true
}
