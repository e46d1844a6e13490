"""Reads SQLite files with Python's sqlite3: tables of columns, channels, annotations, metadata, integrity."""
import json, sqlite3, sys
from read_parquet import cell

out = []
for path in sys.argv[1:]:
    con = sqlite3.connect(path)
    names = [n for (n,) in con.execute("select name from sqlite_master where type='table' order by rowid") if not n.startswith("fieldlog")]
    tables = []
    for name in names:
        cursor = con.execute('select * from "%s" order by rowid' % name.replace('"', '""'))
        columns = [d[0] for d in cursor.description]
        rows = cursor.fetchall()
        tables.append({"name": name, "columns": [{"name": n, "values": [cell(r[i]) for r in rows]} for i, n in enumerate(columns)]})
    out.append({"tables": tables,
                "units": [u for (u,) in con.execute("select unit from fieldlog_channels where column_name not in ('time', 'tick') order by rowid")],
                "annotations": [t for (t,) in con.execute("select text from fieldlog_annotations order by rowid")],
                "metadata": json.loads(con.execute("select value from fieldlog where key = 'log'").fetchone()[0]),
                "integrity": con.execute("pragma integrity_check").fetchone()[0]})
json.dump(out, sys.stdout)
