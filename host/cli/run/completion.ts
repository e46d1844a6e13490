import type { Command, Option } from "commander"
import { nameKnown } from "../options/known-names.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { writeOut } from "../terminal/terminal.js"

/** What a shell needs to know about a command. */
interface Node {
  /** Words after `fieldlog`: `["card", "ls"]`. */
  readonly path: readonly string[]
  readonly summary: string
  readonly options: readonly Option[]
  /** Words that its first argument may be; empty if it may be anything. */
  readonly words: readonly string[]
  readonly children: readonly Node[]
}

const SCRIPTS = { bash, zsh, fish }

/** Prints the script that completes a program's commands in a shell. */
export function completion(program: Command): (shell: keyof typeof SCRIPTS) => Promise<Exit> {
  return async (shell) => {
    nameKnown(program)
    writeOut(SCRIPTS[shell](commandTree(program)))
    return EXIT.fine
  }
}

function commandTree(command: Command, path: readonly string[] = []): Node {
  const children = command.commands.map((child) => commandTree(child, [...path, child.name()]))
  const options = command.createHelp().visibleOptions(command)
  return { path, summary: command.summary(), options, words: command.registeredArguments[0]?.argChoices ?? [], children }
}

function all(node: Node): Node[] {
  return [node, ...node.children.flatMap(all)]
}

function flags({ options }: Node): string[] {
  return options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined))
}

function names({ children }: Node): string[] {
  return children.map(({ path }) => path.at(-1) as string)
}

/** Options with a fixed set of values, by flag. */
function choices(root: Node): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  for (const { options } of all(root)) for (const { long, argChoices } of options) if (long && argChoices) found.set(long, argChoices)
  return found
}

function bash(root: Node): string {
  const nodes = all(root).map((node) => {
    const key = node.path.join(" ")
    return `    "${key}") words="${[...names(node), ...node.words, ...(node.children.length === 0 ? flags(node) : [])].join(" ")}" ;;`
  })
  const values = [...choices(root)].map(([flag, list]) => `    ${flag}) COMPREPLY=($(compgen -W "${list.join(" ")}" -- "$cur")); return ;;`)
  const groups = all(root).filter(({ children, path }) => path.length > 0 && children.length > 0)
  const worded = [...groups, ...all(root).filter(({ words }) => words.length > 0)]
  return `# bash completion of fieldlog
_fieldlog() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path $word" in
${names(root)
  .map((name) => `      " ${name}") path="${name}" ;;`)
  .join("\n")}
${groups.flatMap((group) => group.children.map(({ path }) => `      "${path.join(" ")}") path="${path.join(" ")}" ;;`)).join("\n")}
    esac
  done
  case "$prev" in
${values.join("\n")}
  esac
  case "$path" in
${nodes.join("\n")}
  esac
  if [[ "$cur" == -* || -z "$path" ${worded.map(({ path }) => `|| "$path" == "${path.join(" ")}"`).join(" ")} ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  fi
}

complete -o default -o bashdefault -F _fieldlog fieldlog
`
}

function zsh(root: Node): string {
  return `#compdef fieldlog
# zsh completion of fieldlog
${all(root).map(zshFunction).join("\n")}
if [ "$funcstack[1]" = "_fieldlog" ]; then _fieldlog "$@"; else compdef _fieldlog fieldlog; fi
`
}

function zshFunction(node: Node): string {
  const name = ["_fieldlog", ...node.path].join("_")
  if (node.children.length === 0)
    return `${name}() {\n  _arguments -s \\\n${node.options.map(zshOption).join(" \\\n")} \\\n    ${node.words.length > 0 ? `'1:word:(${node.words.join(" ")})'` : "'*:file:_files'"}\n}`
  const children = node.children.map(({ path, summary }) => `    '${path.at(-1)}:${zshQuoted(summary)}'`)
  const cases = names(node).map((child) => `      ${child}) ${name}_${child} ;;`)
  return `${name}() {
  local -a commands=(
${children.join("\n")}
  )
  _arguments -C '1: :->command' '*:: :->rest'
  case "$state" in
    command) _describe command commands ;;
    rest) case "$words[1]" in
${cases.join("\n")}
    esac ;;
  esac
}`
}

function zshOption({ short, long, description, argChoices, required, optional }: Option): string {
  const value = argChoices ? `:value:(${argChoices.join(" ")})` : required || optional ? ":value:_files" : ""
  const text = `[${zshQuoted(description).replace(/[[\]]/g, "\\$&")}]`
  const forms = [short, long].filter((flag) => flag !== undefined)
  return forms.map((flag) => `    '*${flag}${text}${value}'`).join(" \\\n")
}

function zshQuoted(text: string): string {
  return text.replace(/'/g, "'\\''").replace(/:/g, "\\:")
}

function fish(root: Node): string {
  const lines = all(root).flatMap((node) => {
    const [first, second] = node.path
    const others = names(node)
    const inside = first === undefined ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${second ?? first}`
    const pending = first === undefined ? inside : `${inside}; and not __fish_seen_subcommand_from ${others.join(" ")}`
    const children = node.children.map(
      ({ path, summary }) => `complete -c fieldlog -f -n '${pending}' -a ${path.at(-1)} -d '${fishQuoted(summary)}'`,
    )
    if (node.path.length === 0 || node.children.length > 0) return children
    const words = node.words.length > 0 ? [`complete -c fieldlog -f -n '${inside}' -a '${node.words.join(" ")}'`] : []
    return [...words, ...node.options.map((option) => `complete -c fieldlog -n '${inside}' ${fishOption(option)}`)]
  })
  return `# fish completion of fieldlog\n${lines.join("\n")}\n`
}

function fishOption({ short, long, description, argChoices, required, optional }: Option): string {
  const forms = [...(short ? [`-s ${short.slice(1)}`] : []), ...(long ? [`-l ${long.slice(2)}`] : [])]
  const value = argChoices ? ` -x -a '${argChoices.join(" ")}'` : required || optional ? " -r" : ""
  return `${forms.join(" ")}${value} -d '${fishQuoted(description)}'`
}

function fishQuoted(text: string): string {
  return text.replace(/[\\']/g, "\\$&")
}
