"""Reads ddff files with pyddff: every stream's records, the inventory's streams as columns, and each recording as its tags slice it."""
import json, math, sys
import pyddff

def plain(value):
    if isinstance(value, (bytes, bytearray)):
        return {"hex": bytes(value).hex()}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"$int": str(value)}
    if isinstance(value, float) and not math.isfinite(value):
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[repr(value)]
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value

def columns(stream, *recording):
    try:
        time, span, members = stream.get_data(*recording)
    except TypeError as error:  # its numpy view takes no nil in an integer
        return {"error": str(error)}
    return {"ticks": time.tolist(), "spans": span.tolist(), "members": {name: plain(column.tolist()) for name, column in members.items()}}

out = []
for path in sys.argv[1:]:
    base = pyddff.DDFF(path)
    streams = {id: [plain(record) for record in stream.reader()] for id, stream in sorted(base.streams.items())}
    view = {"streams": streams}
    # The inventory's first data stream is 1, a tagged file's is 2.
    if streams.get(0) and all(isinstance(r, list) and len(r) == 3 and isinstance(r[0], str) for r in streams[0]):
        tagged = min(r[1] for r in streams[0]) == 2
        file = (pyddff.DDFFTagged if tagged else pyddff.DDFFInventoried)(path)
        view["inventory"] = {key: columns(file[key]) for key in file.keys()}
        if tagged:
            labels = [tag[-2] for tag in streams[1]]
            view["recordings"] = {label: {key: columns(file[key], label) for key in file.keys()} for label in labels}
    out.append(view)
json.dump(out, sys.stdout)
