"""Reads HDF5 files with h5py: groups as tables of columns with units, coordinates and metadata."""
import json, sys
import h5py
from read_parquet import cell

def values(dataset):
    data = dataset.asstr()[:] if h5py.check_string_dtype(dataset.dtype) else dataset[:]
    return [cell(v.item() if hasattr(v, "item") else v) for v in data]

def attributes(item):
    return {k: v if isinstance(v, str) else v.item() for k, v in item.attrs.items() if k not in ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST")}

out = []
for path in sys.argv[1:]:
    with h5py.File(path) as f:
        tables = []
        for name, group in sorted(f.items(), key=lambda item: h5py.h5o.get_info(item[1].id).addr):
            if name == "fieldlog": continue
            order = sorted(group, key=lambda k: h5py.h5o.get_info(group[k].id).addr)
            tables.append({"name": attributes(group)["name"], "columns": [
                {"name": attributes(group[k])["name"], "type": str(group[k].dtype), "values": values(group[k]), "attributes": attributes(group[k]),
                 "coordinate": group[k].dims[0].keys() if not group[k].is_scale else []} for k in order]})
        out.append({"tables": tables, "metadata": json.loads(f["fieldlog"].asstr()[()])})
json.dump(out, sys.stdout)
