"""Reads Arrow IPC files with pyarrow: one JSON list of columns and metadata per file."""
import json, sys
import pyarrow as pa
from read_parquet import columns

out = []
for path in sys.argv[1:]:
    with pa.memory_map(path) as source:
        try:
            table = pa.ipc.open_file(source).read_all()
        except pa.ArrowInvalid:
            source.seek(0)
            table = pa.ipc.open_stream(source).read_all()
    table.validate(full=True)
    fields = [{k.decode(): v.decode() for k, v in (f.metadata or {}).items()} for f in table.schema]
    out.append({"pyarrow": columns(table), "fields": fields, "metadata": json.loads(table.schema.metadata[b"fieldlog"])})
json.dump(out, sys.stdout)
