"""Reads btsf files with the btsf package: every metric's name, unit and type, and every row."""
import json, math, sys
from btsf import BinaryTimeSeriesFile

def cell(value):
    if isinstance(value, int):
        return {"$int": str(value)} if abs(value) >= 2**53 else value
    return value if math.isfinite(value) and not value.is_integer() else {"$f64": repr(value)}

out = []
for path in sys.argv[1:]:
    with BinaryTimeSeriesFile.openread(path) as file:
        metrics = [[metric.identifier, metric.unit, metric.type.value] for metric in file.metrics]
        # The package cannot iterate over a file without rows.
        rows = [[cell(value) for value in row] for row in file] if len(file) > 0 else []
        out.append({"metrics": metrics, "rows": rows})
json.dump(out, sys.stdout)
