/** Flags that are not the library's name of their option in kebab case. */
const OTHER_FLAGS: Readonly<Record<string, readonly string[]>> = { spec: ["--spec", "--to-spec"] }

/**
 * What the command line calls an option of the library: `--max-rows` for `maxRows`, or the plain name where `--set` gave it.
 * @param args what was typed before `--`
 */
export function asTyped(option: string, args: readonly string[]): string {
  const settings = args.map((arg, i) => (arg.startsWith("--set=") ? arg.slice("--set=".length) : args[i - 1] === "--set" ? arg : ""))
  if (settings.some((setting) => setting.startsWith(`${option}=`))) return option
  const flag = `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  const typed = (OTHER_FLAGS[option] ?? []).filter((other) => args.some((arg) => arg === other || arg.startsWith(`${other}=`)))
  return typed.length > 0 ? typed.join(" or ") : flag
}
