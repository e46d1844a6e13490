import type { Command } from "../options/command.js"
import { inputOptions, jsonOption } from "../options/flags.js"

/** `fieldlog check INPUT...`: every rule of the format that is broken, a line each. */
export function addCheck(program: Command): void {
  const command = program
    .command("check")
    .summary("every rule of the format that a file breaks")
    .argument("[input...]", "logs, card images, folders, - for standard input")
    .examples(`
  fieldlog check run.ddff            a line a finding, exit 3 with errors
  fieldlog check --strict logs/      warnings count too
  fieldlog check --spec LOGSPEC.JSN  the specification alone
  fieldlog check LOGGER.CFG          the logger's settings, before a drive
`)
    .option("--strict", "exit 3 also for warnings")
  command.takes(inputOptions, jsonOption).runs(async () => (await import("../run/check.js")).check)
}
