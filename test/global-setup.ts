import { spawn } from "node:child_process"
import { BUILDER, PROGRAMS } from "./sim/device/build.js"

/**
 * The command's tests run the built program, so it is built once from today's sources. During a whole run the device's programs are built
 * in the background, all in one process; tests that come to them earlier wait. A run of named files builds those that it needs, a quick run builds none.
 */
export async function setup(): Promise<() => Promise<void>> {
  await node("node_modules/typescript/bin/tsc", "-p", "tsconfig.build.json")
  const whole = process.argv.slice(2).every((argument) => argument === "run" || (argument.startsWith("-") && argument !== "--mode=quick"))
  // The tests of a program that cannot be built say so themselves.
  const programs = whole ? node(BUILDER, ...PROGRAMS).catch(() => {}) : Promise.resolve()
  return () => programs
}

function node(...command: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: "inherit" })
    child.on("error", reject)
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${command.join(" ")}: exit ${code}`))))
  })
}
