/** What fsck.vfat said, and how often. */
export type Messages = Map<string, number>

export function addMessages(all: Messages, more: Messages): void {
  for (const [message, n] of more) all.set(message, (all.get(message) ?? 0) + n)
}

/** A line of a table; it is printed as well, so that one sees how far it is. */
export function row(...cells: readonly (string | number)[]): string {
  const line = `| ${cells.join(" | ")} |`
  console.log(line)
  return line
}
