import { Argument, type Command } from "commander"
import { commonOptions } from "../options/flags.js"
import { runs } from "../terminal/exit.js"

/** `fieldlog completion SHELL`: a script that completes commands, options and their choices. */
export function addCompletion(program: Command): void {
  const command = program
    .command("completion")
    .summary("completion of commands and options for bash, zsh or fish")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "before",
      `Examples:
  source <(fieldlog completion bash)                              in ~/.bashrc
  fieldlog completion zsh > "\${fpath[1]}/_fieldlog"
  fieldlog completion fish > ~/.config/fish/completions/fieldlog.fish
`,
    )
  commonOptions(command).action(runs(async () => (await import("../run/completion.js")).completion(program)))
}
