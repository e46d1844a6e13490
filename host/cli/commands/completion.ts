import { Argument } from "commander"
import type { Command } from "../options/command.js"

/** `fieldlog completion SHELL`: a script that completes commands, options and their choices. */
export function addCompletion(program: Command): void {
  const command = program
    .command("completion")
    .summary("completion of commands and options for bash, zsh or fish")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .examples(`
  source <(fieldlog completion bash)                              in ~/.bashrc
  fieldlog completion zsh > "\${fpath[1]}/_fieldlog"
  fieldlog completion fish > ~/.config/fish/completions/fieldlog.fish
`)
  command.runs(async () => (await import("../run/completion.js")).completion(program))
}
