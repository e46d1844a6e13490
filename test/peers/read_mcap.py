"""Reads MCAP files with the mcap package, every CRC checked: schemas, channels, messages by topic, metadata, attachments.

Messages are read by a strict parser, and each value must be as the schema of its topic says."""
import json, sys
from mcap.reader import NonSeekingReader, SeekingReader

def strict(text):
    def refuse(word):
        raise ValueError("JSON has no " + word)
    return json.loads(text, parse_constant=refuse)

TYPES = {"number": (int, float), "boolean": bool, "string": str, "object": dict, "integer": int}

def checked(schema, message):
    for key, value in message.items():
        wanted = schema["properties"][key].get("type")
        if wanted is not None and not isinstance(value, TYPES[wanted]):
            raise ValueError(f"{key} is {value!r}, the schema says {wanted}")
    # JavaScript, which gets this answer, has no integers beyond 2^53.
    return {key: {"$int": str(v)} if isinstance(v, int) and abs(v) > 2**53 - 1 else v for key, v in message.items()}

out = []
for path in sys.argv[1:]:
    with open(path, "rb") as f:
        reader = SeekingReader(f, validate_crcs=True)
        summary = reader.get_summary()
        topics = {}
        times = []
        for schema, channel, message in reader.iter_messages():
            topics.setdefault(channel.topic, []).append({"t": str(message.log_time), "v": checked(json.loads(schema.data), strict(message.data))})
            times.append(message.log_time)
        metadata = {m.name: dict(m.metadata) for m in reader.iter_metadata()}
        attachments = [{"name": a.name, "data": a.data.hex()} for a in reader.iter_attachments()]
    with open(path, "rb") as f:
        streamed = sum(1 for _ in NonSeekingReader(f, validate_crcs=True).iter_messages())
    out.append({
        "topics": topics,
        "sorted": times == sorted(times),
        "streamed": streamed,
        "count": summary.statistics.message_count,
        "units": {c.topic: dict(c.metadata) for c in summary.channels.values()},
        "schemas": {s.name: json.loads(s.data) for s in summary.schemas.values()},
        "metadata": metadata,
        "attachments": attachments,
    })
json.dump(out, sys.stdout)
