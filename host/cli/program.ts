import { type Argument, Command } from "commander"
import { addAnnotate } from "./annotate.js"
import { addCard } from "./card.js"
import { addCat } from "./cat.js"
import { addCheck } from "./check.js"
import { addCompletion } from "./completion.js"
import { addConvert } from "./convert.js"
import { addDataset } from "./dataset.js"
import { addExtract } from "./extract.js"
import { addIndex } from "./index-log.js"
import { addInfo } from "./info.js"
import { addPlot } from "./plot.js"
import { addRecover, addRepair } from "./recover.js"
import { addSql } from "./sql.js"
import { addStats } from "./stats.js"
import { errWidth, outWidth, writeErr, writeOut } from "./terminal.js"
import { addTs } from "./ts.js"
import { addTsdump } from "./tsdump.js"

/** The whole command tree. Commands load what they need when they run. */
export function createProgram(version = ""): Command {
  const program = new Command("fieldlog")
    .description("Reads, checks, recovers, plots and converts logs: Meteor, ddff, btsf, JLS v2 and libarray.")
    .addHelpText(
      "before",
      `Examples:
  fieldlog info run.met                       what is in it, and what is lost
  fieldlog stats run.met -c speed -c "cell*"  figures of some channels
  fieldlog convert run.met -o run.csv         to another format
  fieldlog recover broken.met -o saved.met    what a damaged log still holds
`,
    )
    .addHelpText(
      "after",
      "\nfieldlog help COMMAND tells more.\nExit: 0 fine, 1 failed, 2 wrong usage, 3 damaged or incomplete, 130 interrupted.",
    )
    .version(version)
    // Behind a command an option is that command's: -V is the version before it, and tsdump's start behind it.
    .enablePositionalOptions()
    .configureHelp({ subcommandTerm: (command) => [command.name(), ...command.registeredArguments.map(argumentTerm)].join(" ") })
    .exitOverride()
    .showSuggestionAfterError()
    // Errors are told in one place, whatever raised them.
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
