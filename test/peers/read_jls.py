"""Reads JLS files with pyjls: definitions, samples as SHA-256 of their packed bytes, statistics, UTC, annotations, user data."""
import hashlib, json, math, sys
from pyjls import Reader

# The values of longer signals are told by their hash alone.
SHORT = 64

def collect(read, *args):
    entries = []
    read(*args, lambda *entry: entries.append(entry) and None)
    return entries

def plain(data):
    if isinstance(data, (bytes, bytearray)):
        return {"hex": bytes(data).hex()}
    return {"text": data} if isinstance(data, str) else {"json": data}

def number(v):
    return v if abs(v) < float("inf") else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(v), "NaN")

def cell(v):
    if isinstance(v, int):
        return {"$int": str(v)} if abs(v) >= 2**53 else v
    return v if math.isfinite(v) else str(number(v))

def windows(n):
    return [(0, n, 1), (0, max(1, n // 10), min(10, n)), (min(3, n - 1), max(1, n // 7), min(3, (n - min(3, n - 1)) // max(1, n // 7)))]

out = []
for path in sys.argv[1:]:
    with Reader(path) as r:
        signals = []
        for id, s in sorted(r.signals.items()):
            signal = {"id": id, "name": s.name, "units": s.units, "type": int(s.signal_type), "rate": s.sample_rate, "length": s.length}
            if s.signal_type == 0:
                signal["offset"] = int(s.sample_id_offset)
                signal["utc"] = [[int(a), str(b)] for (entries,) in collect(r.utc, id, -(1 << 62)) for a, b in entries]
                try:
                    samples = r.fsr(id, 0, s.length) if s.length else b""
                    # The reference does not deliver the last byte of 1 and 4-bit signals when it is not whole.
                    whole = s.length * ((s.data_type >> 8) & 255) // 8
                    signal["sha256"] = hashlib.sha256(bytes(samples)[:whole]).hexdigest()
                    if 0 < s.length <= SHORT:
                        signal["values"] = [cell(v) for v in samples.tolist()]
                except KeyError:
                    pass  # pyjls has no 24-bit types
                signal["statistics"] = []
                for start, increment, count in windows(s.length) if s.length and "sha256" in signal else []:
                    try:
                        values = r.fsr_statistics(id, start, increment, count)
                        signal["statistics"].append({"at": [start, increment, count], "values": [number(v) for v in values.reshape(-1).tolist()]})
                    except RuntimeError:
                        pass  # its reader has no statistics of 64-bit types
            signal["annotations"] = [
                {"timestamp": str(t), "y": y, "type": int(kind), "group": int(group), **plain(data)}
                for t, y, kind, group, data in collect(r.annotations, id, -(1 << 62) if s.signal_type == 0 else 0)
            ]
            signals.append(signal)
        user_data = [{"meta": int(meta), **plain(data)} for meta, data in collect(r.user_data)]
        out.append({"sources": [[id, s.name, s.vendor, s.model, s.version, s.serial_number] for id, s in sorted(r.sources.items())], "signals": signals, "user_data": user_data})
json.dump(out, sys.stdout)
