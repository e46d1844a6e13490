"""Asks pyarrow, pandas and ClickHouse (chdb) the same of a dataset: a row per run, group and channel; and of its table of runs."""
import json, sys
import chdb, pandas as pd, pyarrow.dataset
from read_parquet import cell

folder = sys.argv[1]

def clickhouse(query):
    return [json.loads(line) for line in str(chdb.query(f"{query} SETTINGS use_hive_partitioning = 1, output_format_json_quote_64bit_integers = 0", "JSONEachRow")).splitlines()]

samples = pyarrow.dataset.dataset(f"{folder}/samples", partitioning="hive").to_table().to_pandas()
keys = ["run", "group", "channel"]
frame = samples.groupby(keys)["value"].agg(["count", "min", "max"]).reset_index()

json.dump({
    "pyarrow": [[cell(v.item() if hasattr(v, "item") else v) for v in row] for row in frame.itertuples(index=False, name=None)],
    "clickhouse": [list(row.values()) for row in clickhouse(
        f"SELECT run, `group`, channel, count(value) AS n, min(value) AS low, max(value) AS high FROM file('{folder}/samples/**/*.parquet', Parquet) GROUP BY ALL ORDER BY ALL")],
    "runs": {"pandas": pd.read_parquet(f"{folder}/runs.parquet").sort_values("file")["start"].dt.strftime("%Y-%m-%d").tolist(),
             "clickhouse": [r["day"] for r in clickhouse(f"SELECT toString(toDate(start)) AS day FROM file('{folder}/runs.parquet') ORDER BY file")]},
}, sys.stdout)
