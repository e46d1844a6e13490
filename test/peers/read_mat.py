"""Reads MATLAB files with scipy: structs as tables of columns, the fieldlog variable as JSON."""
import json, sys
import numpy as np
import scipy.io
from read_parquet import cell

def values(column):
    return [cell("".join(v.tolist()) if isinstance(v, np.ndarray) else v.item()) for v in np.asarray(column).reshape(-1)]

out = []
for path in sys.argv[1:]:
    variables = scipy.io.loadmat(path, chars_as_strings=True)
    tables = []
    for name, value in variables.items():
        if name.startswith("__") or name == "fieldlog": continue
        struct = value[0, 0]
        fields = [f for f in value.dtype.names if f != "units"]
        units = struct["units"][0, 0]
        tables.append({
            "name": name,
            "columns": [{"name": f, "type": str(struct[f].dtype), "shape": list(struct[f].shape), "values": values(struct[f])} for f in fields],
            "units": ["".join(units[f].tolist()) for f in (units.dtype.names or [])],
        })
    out.append({"tables": tables, "metadata": json.loads("".join(variables["fieldlog"].tolist()))})
json.dump(out, sys.stdout)
