import { damageMeteor } from "./meteor.js"

/**
 * `npm run damage -- meteor [rounds] [seed]`: hurts a good log at random places, many times, and prints how many frames are
 * lost per kind of damage, next to the limit that the reader must keep. Fewer rounds than 600 leave the averages to chance by 0.05.
 */
const [format = "meteor", rounds = "600", seed = "1"] = process.argv.slice(2)
if (format !== "meteor") throw new Error(`no damage script for ${format}, expected meteor`)

console.log(`${rounds} damages per kind, seed ${seed}; frames on average:`)
console.log("damage                lost  limit  touched  most lost  beyond those touched  never were")
for (const { name, limit, lost, most, touched, beyond, bogus } of await damageMeteor(Number(rounds), Number(seed))) {
  const columns = [lost.toFixed(2).padStart(8), String(limit).padStart(6), touched.toFixed(2).padStart(8), String(most).padStart(10)]
  const verdict = lost <= limit ? "" : "  over the limit"
  console.log(name.padEnd(17), ...columns, String(beyond).padStart(21), bogus.toFixed(2).padStart(11), verdict)
}
