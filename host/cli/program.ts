import type { Argument } from "commander"
import { addAnnotate } from "./commands/annotate.js"
import { addCard } from "./commands/card.js"
import { addCat } from "./commands/cat.js"
import { addCheck } from "./commands/check.js"
import { addCompletion } from "./commands/completion.js"
import { addConvert } from "./commands/convert.js"
import { addDataset } from "./commands/dataset.js"
import { addExtract } from "./commands/extract.js"
import { addIndex } from "./commands/index-log.js"
import { addInfo } from "./commands/info.js"
import { addPlot } from "./commands/plot.js"
import { addRecover, addRepair } from "./commands/recover.js"
import { addSql } from "./commands/sql.js"
import { addStats } from "./commands/stats.js"
import { addTs } from "./commands/ts.js"
import { addTsdump } from "./commands/tsdump.js"
import { Command } from "./options/command.js"
import { errWidth, outWidth, writeErr, writeOut } from "./terminal/terminal.js"

/** The whole command tree. A command's action is loaded when the command runs. */
export function createProgram(version = ""): Command {
  const program = new Command("fieldlog")
    .description("Reads, checks, recovers, plots and converts logs: Meteor, ddff, btsf, JLS v2 and libarray.")
    .examples(`
  fieldlog info run.met                       what it holds and what was lost
  fieldlog stats run.met -c speed -c "cell*"  figures of these channels
  fieldlog convert run.met -o run.csv         write the log as CSV
  fieldlog recover broken.met -o saved.met    save what can be read
`)
    .addHelpText(
      "after",
      "\nfieldlog help COMMAND explains one command.\nExit: 0 fine, 1 failed, 2 wrong usage, 3 damaged or incomplete, 130 interrupted.",
    )
    .version(version)
    // An option after a command belongs to that command: `-V` alone is the version, after `tsdump` the start.
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(" ") })
    .exitOverride()
    .showSuggestionAfterError()
    // All errors are reported in one place: report-error.ts.
    .configureOutput({ writeOut, writeErr, outputError() {}, getOutHelpWidth: outWidth, getErrHelpWidth: errWidth })
  for (const add of [
    addInfo,
    addStats,
    addCat,
    addConvert,
    addExtract,
    addIndex,
    addCheck,
    addRecover,
    addRepair,
    addPlot,
    addAnnotate,
    addCard,
    addTsdump,
    addTs,
    addDataset,
    addSql,
    addCompletion,
  ])
    add(program)
  return program
}

function argumentTerm(argument: Argument): string {
  const name = argument.name() + (argument.variadic ? "..." : "")
  return argument.required ? `<${name}>` : `[${name}]`
}
