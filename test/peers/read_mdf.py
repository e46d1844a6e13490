"""Reads MDF files with asammdf: groups as tables of raw and physical columns, events, header comment."""
import json, sys, logging
import numpy as np
from asammdf import MDF
from read_parquet import cell
logging.disable(logging.CRITICAL)

def values(signal):
    samples = signal.samples
    bits = getattr(signal, "invalidation_bits", None)
    flags = np.asarray(bits) if bits is not None else np.zeros(len(samples), bool)
    out = []
    for v, bad in zip(samples, flags):
        if bad: out.append(None)
        elif isinstance(v, np.ndarray): out.append(bytes(v.tolist()).hex())
        elif isinstance(v, np.bytes_): out.append(bytes(v))
        else: out.append(cell(v.item() if hasattr(v, "item") else v))
    return out

def text(v):
    return v.decode("utf-8") if isinstance(v, bytes) else v

out = []
for path in sys.argv[1:]:
    with MDF(path) as mdf:
        tables = []
        for g, group in enumerate(mdf.groups):
            columns = []
            for c, channel in enumerate(group.channels):
                raw = mdf.get(group=g, index=c, raw=True, ignore_invalidation_bits=True)
                physical = mdf.get(group=g, index=c, raw=False, ignore_invalidation_bits=True)
                bits = mdf.get(group=g, index=c, raw=True, ignore_invalidation_bits=False)
                columns.append({"name": channel.name, "unit": raw.unit, "type": str(raw.samples.dtype),
                                "raw": [text(v) for v in values(raw)], "physical": [text(v) for v in values(physical)],
                                "present": [float(t) for t in bits.timestamps]})
            tables.append({"name": group.channel_group.acq_name, "columns": columns})
        out.append({"tables": tables, "events": [{"name": e.name, "at": e.value} for e in mdf.events],
                    "start": str(mdf.header.abs_time), "comment": mdf.header._common_properties.get("fieldlog", "null"), "version": mdf.version})
json.dump(out, sys.stdout)
