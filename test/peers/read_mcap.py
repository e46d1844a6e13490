"""Reads MCAP files with the mcap package, every CRC checked: schemas, channels, messages by topic, metadata, attachments."""
import json, sys
from mcap.reader import NonSeekingReader, SeekingReader

out = []
for path in sys.argv[1:]:
    with open(path, "rb") as f:
        reader = SeekingReader(f, validate_crcs=True)
        summary = reader.get_summary()
        topics = {}
        times = []
        for schema, channel, message in reader.iter_messages():
            topics.setdefault(channel.topic, []).append({"t": str(message.log_time), "v": json.loads(message.data)})
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
