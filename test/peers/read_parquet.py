"""Reads Parquet files with pyarrow, pandas and DuckDB: one JSON list of {engine: columns} per file."""
import json, math, sys
import duckdb, pyarrow.parquet as pq, pandas as pd

def cell(v):
    if v is None or v is pd.NA or v is pd.NaT: return None
    if isinstance(v, bool): return v
    if isinstance(v, int): return v if abs(v) <= 2**53 - 1 else str(v)
    if isinstance(v, float):
        if math.isnan(v): return "NaN"
        if math.isinf(v): return "Infinity" if v > 0 else "-Infinity"
        return v
    if isinstance(v, (bytes, bytearray)): return bytes(v).hex()
    if isinstance(v, str): return v
    return str(v)

def columns(table):
    return [{"name": n, "type": str(table.schema.field(i).type), "values": [cell(v) for v in table.column(i).to_pylist()]}
            for i, n in enumerate(table.column_names)]

def main(paths):
    out = []
    for path in paths:
        table = pq.read_table(path)
        meta = pq.read_metadata(path).metadata or {}
        con = duckdb.connect()
        duck = con.execute("select * from read_parquet(?)", [path])
        names = [d[0] for d in duck.description]
        rows = duck.fetchall()
        out.append({
            "pyarrow": columns(table),
            "duckdb": [{"name": n, "values": [cell(r[i]) for r in rows]} for i, n in enumerate(names)],
            "pandasRows": len(pd.read_parquet(path)),
            "metadata": json.loads(meta.get(b"fieldlog", b"null")),
        })
    json.dump(out, sys.stdout)

if __name__ == "__main__":
    main(sys.argv[1:])
