"""Writes a JLS file with pyjls and prints what it holds: types, constants left out, a gap, stretches of NaN, long texts, UTC, annotations, user data."""
import hashlib, json, sys
import numpy as np
from pyjls import AnnotationType, DataType, SignalType, Writer

rng = np.random.default_rng(7)
types = {"F32": np.float32, "F64": np.float64, "U8": np.uint8, "U16": np.uint16, "U32": np.uint32, "I8": np.int8, "I16": np.int16, "I32": np.int32, "I64": np.int64, "U64": np.uint64, "U1": np.uint8, "U4": np.uint8}
n = 40000
signals = []
with Writer(sys.argv[1]) as w:
    w.source_def(1, name="bench", vendor="v", model="m", version="1" * 3000, serial_number="ü\"42")
    for id, (name, dtype) in enumerate(types.items(), 1):
        w.signal_def(id, 1, data_type=getattr(DataType, name), sample_rate=2000, samples_per_data=2048, sample_decimate_factor=256, entries_per_summary=80, summary_decimate_factor=10, name=name.lower(), units="V")
        count = n // {"U1": 8, "U4": 2}.get(name, 1)
        if name.startswith("F"):
            data = rng.normal(size=count).astype(dtype)
        else:
            data = rng.integers(0, np.iinfo(dtype).max, size=count, dtype=dtype)
        if name == "F32":
            data[1500:4500] = np.nan
        if name == "U8":
            w.fsr_omit_data(id, 1)
            data[9000:30000] = 77
        # The reference fills a gap in; both programs read the filling.
        gap = 5000 if name == "F32" else 0
        half = len(data) // 2 // 512 * 512
        per = {"U1": 8, "U4": 2}.get(name, 1)
        w.fsr(id, 0, data[:half])
        w.fsr(id, half * per + gap, data[half:])
        stored = np.concatenate([data[:half], np.full(gap, np.nan, dtype), data[half:]]) if gap else data
        signals.append({"id": id, "name": name.lower(), "samples": len(stored) * per, "sha256": hashlib.sha256(stored.tobytes()).hexdigest()})
        w.utc(id, 0, 10 << 30)
        w.utc(id, 20000, 20 << 30)
        w.annotation(id, 123, 1.5, AnnotationType.VMARKER, 2, "1a")
    w.signal_def(200, 1, signal_type=SignalType.VSR, name="log")
    w.annotation(200, 11 << 30, float("nan"), AnnotationType.TEXT, 0, "höre")
    w.annotation(0, 12 << 30, float("nan"), AnnotationType.USER, 9, b"\x00\x01")
    w.user_data(7, b"raw")
    w.user_data(8, "text")
json.dump(signals, sys.stdout)
