"""Reads MLG version 2 files by EFI Analytics' description of the format, with nothing but Python: fields with their values, by rows."""
import json, struct, sys
from read_parquet import cell

TYPES = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "q", 7: "f"}

def text(data):
    return data.split(b"\0")[0].decode("utf-8")

def read(data):
    assert data[:6] == b"MLVLG\0" and struct.unpack(">H", data[6:8]) == (2,)
    _, _, begin, length, count = struct.unpack(">IIIHH", data[8:24])
    fields = []
    for i in range(count):
        own = data[24 + 89 * i:24 + 89 * (i + 1)]
        scale, transform = struct.unpack(">ff", own[46:54])
        fields.append({"name": text(own[1:35]), "unit": text(own[35:45]), "type": TYPES[own[0]], "scale": scale, "transform": transform, "values": []})
    at = begin
    while at < len(data):
        if data[at] == 1:
            at += 54
            continue
        row = data[at + 4:at + 4 + length]
        assert sum(row) & 0xff == data[at + 4 + length]
        place = 0
        for field in fields:
            raw, = struct.unpack_from(">" + field["type"], row, place)
            place += struct.calcsize(field["type"])
            value = raw if field["scale"] == 1 and field["transform"] == 0 else (raw + field["transform"]) * field["scale"]
            field["values"].append(cell(value))
        at += 5 + length
    return fields

out = []
for path in sys.argv[1:]:
    with open(path, "rb") as f:
        out.append(read(f.read()))
json.dump(out, sys.stdout)
