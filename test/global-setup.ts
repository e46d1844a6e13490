import { execFileSync } from "node:child_process"

/** The command's tests run the built program, so it is built once from today's sources. */
export function setup(): void {
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" })
}
