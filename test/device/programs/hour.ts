import { keepAwake } from "../../../devicescript/src/board/awake.js"
import { logger } from "../../../devicescript/src/main.js"
import { simulatorMachine } from "../../../devicescript/src/simulator/machine.js"

/** The simulator's logger with the board's console that never drains. */
keepAwake()
await logger(simulatorMachine())
