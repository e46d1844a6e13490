"""Reads CSV files with pandas: columns as it types them by itself; what is missing and what is NaN are one to it."""
import json, math, sys
import pandas as pd
from read_parquet import cell

def plain(v):
    v = cell(v.item() if hasattr(v, "item") else v)
    return None if v == "NaN" or v == "" else v

out = []
for path in sys.argv[1:]:
    table = pd.read_csv(path, float_precision="round_trip")
    out.append([{"name": n, "values": [plain(v) for v in table[n]]} for n in table.columns])
json.dump(out, sys.stdout)
