/** A program that fails. */
throw new Error("nothing is well")
