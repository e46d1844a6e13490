import type { Format } from "../format.js"
import { btsf } from "./btsf/index.js"
import { ddff } from "./ddff/index.js"
import { jls } from "./jls/index.js"
import { libarray } from "./libarray/index.js"
import { meteor } from "./meteor/index.js"

/** The formats, most distinct signature first. Each is added by its own folder's `index.ts`. */
export const formats: readonly Format[] = [meteor, jls, btsf, ddff, libarray]
