import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { keptSection, PAGE } from "../damage/section.js"
import { endure, throughput } from "./endurance.js"
import { runPairs } from "./pairs.js"
import { cutProgram } from "./program.js"
import { cutSharedCode, PER_WINDOW, SEED } from "./shared-code.js"
import type { Messages } from "./table.js"

/** Looks at every state that a power cut can leave, runs the logger for long, and writes what it counted to `docs/reliability.md`. */

/** With `npm run reliability -- 16` only every 16th state is looked at: for a first impression. */
const step = Number(process.argv[2] ?? 1)
const messages: Messages = new Map()
const perSecond = await throughput()
const long = await endure()
const pairs = await runPairs(step)
const shared = await cutSharedCode(messages, step)
const program = await cutProgram(messages, step)

mkdirSync("docs", { recursive: true })
writeFileSync(PAGE, page())

function page(): string {
  return `# What a power cut does to a card

Written by \`npm run reliability\` from the simulated card; no number here is by hand.

${step === 1 ? "" : `This page was written by \`npm run reliability -- ${step}\`: only every ${step}th state was looked at.\n\n`}Every state below keeps these promises, as it is, after \`fsck.vfat -a\`, and after the next start:

- what was confirmed is in its file, in order; nothing of another file is taken for it;
- somebody else's file is bit for bit the same;
- \`fsck.vfat -n\` finds the volume clean or with the remarks below, none of which costs data;
- recovery that is itself cut is completed by the next one;
- a new log is made afterwards, under a new name.

## The real program

The logger's program as it is built for the board runs in the board's virtual machine, on a card that is full of an older log's
sectors in the same format and carries somebody else's file: mount, settings with a fault, a log, the next one prepared and begun, the
first closed, the second closed. Its writes are recorded. The power goes at every one of them: after a sector, inside one (the first 30
or 256 bytes new, or all of it garbage), and with any sectors lost that the card had not confirmed (four subsets a window). Each state is read by
the laptop's readers, value for value, and saved by \`recover\`; then the program starts again, in the machine or, the same source, in Node.

| format | card erases? | cut | states | recovered logs | next starts | fsck runs | clean as left | behind, ms |
| --- | --- | --- | --: | --: | --: | --: | --: | --: |
${program.join("\n")}

"Behind" is the longest time before a cut of which any group's rows were not confirmed, beyond its own period; the flush interval was
500 ms. For sectors lost out of order, and for torn ones, it is counted from the last confirmation alike.

## The card's code by itself

The scenario makes a log, writes it sector by sector and then in streams, closes it, writes small files, makes a second log while
the first's space lies beside it, and closes that. Sectors are lost in all subsets up to ${PER_WINDOW} a window, else ${PER_WINDOW} at random, seed ${SEED}.

| card that | cut | states | boots | fsck runs | clean as left |
| --- | --- | --: | --: | --: | --: |
${shared.join("\n")}

"Clean as left" counts the states that the cut left, before any recovery, where fsck was run on them.

What \`fsck.vfat -n\` said to the others, and how often:

${[...messages].map(([message, n]) => `- ${n} times: \`${message}\``).join("\n")}

## Odd cards

In ${pairs} runs of the program in Node, a minute each, the card had two oddities at a time, all pairs of them, with other places and times in each
run (test/sim/device/pairs.ts): busy when it is selected, busy for a second, an erase that it lacks, fakes or takes 5 s for, places that cannot be
read or written, a slow or contrary start. In all of them the logger closed its file in the end, said nothing to a busy card, logged no wrong
value, counted each row that is missing, and left others' files bit for bit as they were; \`fsck.vfat -n\` had the remarks above at most.

## Long runs

The same program in Node, under a clock of its own. The hour's card keeps it waiting at every 32nd sector, for up to half a second;
of the month's hours the first seconds are run, with a new file each hour and the oldest overwritten on a small card, and the clock leaps
over the rest: the rows due meanwhile are the dropped ones.

| run | format | sectors | last file's number | rows on the card | dropped | most sectors waiting | slowest write, ms |
| --- | --- | --: | --: | --: | --: | --: | --: |
${long.join("\n")}

DeviceScript keeps its waits in 32 bits of milliseconds: after 49.7 days without a restart none of them ends any more, whatever the program.
The logger closes its file and restarts the board after 48 days: see [logger.md](logger.md).

The program in the machine encodes rows of ten channels and streams them onto the simulated card at ${Math.round(perSecond / 100) * 100} sectors
a second of the computer that this was run on.

A card may still lose what it has confirmed when its own controller is cut off in the middle of its housekeeping. No software on
the board can prevent that; a card made for cameras or industry does.

${keptSection(readFileSync(PAGE, "utf8"))}
`
}
