import { mkdirSync, writeFileSync } from "node:fs"
import { cuts, type State, subsets, torn } from "./cut-states.js"
import { type Counts, type Judgement, judge, newCounts, type Recording, record } from "./power-cut.js"
import type { CardOptions } from "./sd-card.js"

/** Looks at every state of the power-cut scenario and writes what it counted to `docs/reliability.md`. */

const CARDS: readonly [string, Partial<CardOptions>, number][] = [
  ["erases, clusters of 512 bytes", { erase: 0xff }, 1],
  ["only says that it erases, clusters of 512 bytes", { erase: "nothing" }, 1],
  ["knows no erase, clusters of 2 KiB, byte addresses", { erase: "illegal", kind: "sdsc" }, 4],
]
const PER_WINDOW = 64
const SEED = 1

const rows: string[] = []
const messages = new Map<string, number>()

for (const [name, options, sectorsPerCluster] of CARDS) {
  const recording = await record(options, sectorsPerCluster)
  const look = async (kind: string, states: Iterable<State>, how: Judgement) => {
    const counts = await judgeAll(recording, states, how)
    for (const [message, n] of counts.messages) messages.set(message, (messages.get(message) ?? 0) + n)
    rows.push(`| ${name} | ${kind} | ${counts.states} | ${counts.boots} | ${counts.checks} | ${counts.clean} |`)
    console.log(rows.at(-1))
  }
  await look("cut after each sector, second cut in the recovery", cuts(recording), { fsck: true, again: true })
  await look("torn sector", torn(recording), { fsck: true, again: false })
  await look("lost out of order", subsets(recording, PER_WINDOW, SEED), { fsck: false, again: false })
}

mkdirSync("docs", { recursive: true })
writeFileSync("docs/reliability.md", page())

async function judgeAll(recording: Recording, states: Iterable<State>, how: Judgement): Promise<Counts> {
  const counts = newCounts()
  for (const state of states) await judge(recording, state, how, counts)
  return counts
}

function page(): string {
  return `# What a power cut does to a card

Written by \`npm run reliability\` from the simulated card; no number here is by hand.

The scenario starts a card that is full of older logs' sectors and carries somebody else's file. It makes a log, writes it sector
by sector and then in streams, closes it, writes small files, makes a second log while the first's space lies beside it, and closes
that. The power goes at every sector on the way: between two sectors, inside one, and with any sectors lost that the card had not
confirmed (all subsets up to ${PER_WINDOW} a window, else ${PER_WINDOW} at random, seed ${SEED}).

Each state keeps these promises, as it is, after \`fsck.vfat -a\`, and after the next boot's recovery:

- every confirmed sector is in its file, in order; no sector of another file is taken for one;
- somebody else's file is bit for bit the same;
- \`fsck.vfat -n\` finds the volume clean or with the remarks below, none of which costs data;
- recovery run again writes nothing; cut anywhere itself, it is completed by the next one;
- a new log can be made afterwards, under a new name.

| card that | cut | states | boots | fsck runs | clean as left |
| --- | --- | --: | --: | --: | --: |
${rows.join("\n")}

"Clean as left" counts the states that the cut left, before any recovery, where fsck was run on them.

What \`fsck.vfat -n\` said to the others, and how often:

${[...messages].map(([message, n]) => `- ${n} times: \`${message}\``).join("\n")}

A card may still lose what it has confirmed when its own controller is cut off in the middle of its housekeeping. No software on
the board can prevent that; a card made for cameras or industry does.
`
}
