import { sdBench } from "../../../devicescript/src/bench.js"
import { simulatorMachine } from "../../../devicescript/src/simulator/machine.js"

await sdBench(simulatorMachine())
