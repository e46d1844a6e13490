"""Reads Arrow IPC files with pyarrow, and asks DuckDB about them: one JSON list of columns and metadata per file."""
import json, sys
import duckdb, pyarrow as pa
from read_parquet import cell, columns

out = []
for path in sys.argv[1:]:
    with pa.memory_map(path) as source:
        try:
            table = pa.ipc.open_file(source).read_all()
        except pa.ArrowInvalid:
            source.seek(0)
            table = pa.ipc.open_stream(source).read_all()
    table.validate(full=True)
    arrow = table  # DuckDB finds it by this name
    fields = [{k.decode(): v.decode() for k, v in (f.metadata or {}).items()} for f in table.schema]
    duck = duckdb.connect().execute("select * from arrow")
    names, rows = [d[0] for d in duck.description], duck.fetchall()
    out.append({"pyarrow": columns(table), "duckdb": [{"name": n, "values": [cell(r[i]) for r in rows]} for i, n in enumerate(names)],
                "fields": fields, "metadata": json.loads(table.schema.metadata[b"fieldlog"])})
json.dump(out, sys.stdout)
