import type { Format } from "../model/format.js"
import type { QuotedParser } from "./csv/rows.js"

/**
 * CSV and TSV with a header row, as fieldlog writes them wide and as spreadsheets and loggers do: comma, semicolon, tab or bar, decimal
 * comma where it separates no cells, quotes as RFC 4180, UTF-8, UTF-16 or Windows-1252. Lines before the header and a row of units are
 * known as such. The first column is the time if its name or its cells say so. The first megabyte says what a column holds; a cell that
 * is something else then is missing, and an issue.
 * @param parser csv-parse, for rows with quotes; loaded when the first one comes
 */
export function csvFormat(parser: () => Promise<QuotedParser>): Format {
  return {
    name: "csv",
    title: "CSV with a header row",
    extensions: [".csv", ".tsv"],
    options: ["tz"],
    sniff: () => 0,
    open: async (source, options) => (await import("./csv/read.js")).openCsv(source, options, parser),
  }
}
