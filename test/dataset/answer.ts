import { queryDataset } from "../../host/dataset/sql.js"

/** The whole answer to a query. */
export async function answer(folder: string, query: string, unsafe = false): Promise<{ columns: readonly string[]; rows: unknown[][] }> {
  return queryDataset(folder, query, { unsafe }, async ({ columns, batches }) => {
    const rows: unknown[][] = []
    for await (const batch of batches) rows.push(...batch.map((row) => [...row]))
    return { columns, rows }
  })
}
