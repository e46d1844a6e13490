import type { Command } from "../options/command.js"
import { inputOptions, jsonOption } from "../options/flags.js"

/** `fieldlog index LOG...`: writes an index beside a Meteor log, so that a time range is read without the rest. */
export function addIndex(program: Command): void {
  const command = program
    .command("index")
    .summary("writes LOG.idx, so that --start and --end read only a part of a Meteor log")
    .argument("<input...>", "Meteor logs on disk, folders")
    .examples(`
  fieldlog index run.met                          writes run.met.idx
  fieldlog cat run.met --start 1h --end 1h10s     reads only those ten seconds
`)
    .addHelpText("after", "\nIf the log has changed since, the index is not used. You may delete it at any time.")
  command.takes(inputOptions, jsonOption).runs(async () => (await import("../run/index-log.js")).indexLogs)
}
