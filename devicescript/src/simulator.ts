import { logger } from "./main.js"
import { simulatorMachine } from "./simulator/machine.js"

await logger(simulatorMachine())
