import type { Command } from "commander"
import { commonOptions, inputOptions, jsonOption } from "../options/flags.js"
import { runs } from "../terminal/exit.js"

/** `fieldlog index LOG...`: an index beside a Meteor log, by which a time range is read without what lies outside it. */
export function addIndex(program: Command): void {
  const command = program
    .command("index")
    .summary("writes LOG.idx, by which --start and --end skip the rest of a Meteor log")
    .argument("<input...>", "Meteor logs on disk, folders")
    .addHelpText(
      "before",
      `Examples:
  fieldlog index run.met                          writes run.met.idx
  fieldlog cat run.met --start 1h --end 1h10s     reads those ten seconds alone
`,
    )
    .addHelpText("after", "\nAn index that is not of the log as it is now is not used. It may be deleted at any time.")
  commonOptions(jsonOption(inputOptions(command))).action(runs(async () => (await import("../run/index-log.js")).indexLogs))
}
