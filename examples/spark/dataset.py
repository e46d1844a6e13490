"""Converts a folder of logs on a Spark cluster and asks a question of all of them.

    spark-submit --master spark://HOST:7077 examples/spark/dataset.py logs/ season/ --shards 64

Each task runs `fieldlog dataset add` on its shard of the logs, so the decoding runs on as many machines as the cluster has; they
share nothing but the two folders, which every machine has to see under the same name. Logs that were converted before stay as
they are. Then Spark reads the dataset. Rows of the answer are printed as JSON, one a line; views to ask are samples (a row a
value: time, group, channel, value, text, and the folder levels such as day and run), runs and channels.
"""
import argparse
import os
import shlex
import subprocess
import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import struct, to_json

QUESTION = """
SELECT runs.file, samples.group, samples.channel, count(*) AS count, min(nanvl(value, NULL)) AS min, max(nanvl(value, NULL)) AS max
FROM samples JOIN runs USING (run)
GROUP BY ALL ORDER BY ALL
"""

# Exit codes of fieldlog: 3 is a damaged log of which all good rows were taken.
FINE = (0, 3)


def main():
    options = arguments()
    spark = SparkSession.builder.appName("fieldlog dataset").getOrCreate()
    try:
        failed = convert(spark, options)
        answer = ask(spark, options.dataset, options.sql)
        for (line,) in answer.select(to_json(struct("*"), {"ignoreNullFields": "false"})).toLocalIterator():
            print(line)
    finally:
        spark.stop()
    return 1 if failed else 0


def arguments():
    parser = argparse.ArgumentParser(description="Converts a folder of logs on a Spark cluster and asks a question of all of them.")
    # Tasks run in a folder of their own.
    parser.add_argument("logs", type=os.path.abspath, help="a folder of logs, the same on every machine")
    parser.add_argument("dataset", type=os.path.abspath, help="the dataset's folder, the same on every machine")
    parser.add_argument("--shards", type=int, help="tasks to cut the work into (default: the cluster's cores)")
    parser.add_argument("--fieldlog", type=shlex.split, default=["fieldlog"], help="how a machine calls fieldlog")
    parser.add_argument("--sql", default=QUESTION, help="the question")
    return parser.parse_args()


def convert(spark, options):
    """Runs all shards. What they have to say goes to standard error. Returns how many of them failed."""
    count = options.shards or spark.sparkContext.defaultParallelism
    command = [*options.fieldlog, "dataset", "add", options.dataset, options.logs]

    def run(shard):
        done = subprocess.run([*command, "--shard", f"{shard}/{count}"], capture_output=True, text=True)
        return shard, done.returncode, done.stderr

    failed = 0
    for shard, code, said in spark.sparkContext.parallelize(range(1, count + 1), count).map(run).collect():
        print(f"shard {shard}/{count}: exit {code}\n{said}", end="", file=sys.stderr)
        failed += code not in FINE
    return failed


def ask(spark, dataset, question):
    # The folder levels below basePath, day=... and run=..., become columns.
    spark.read.option("basePath", f"{dataset}/samples").parquet(f"{dataset}/samples").createOrReplaceTempView("samples")
    for name in ("runs", "channels"):
        spark.read.parquet(f"{dataset}/{name}.parquet").createOrReplaceTempView(name)
    return spark.sql(question)


if __name__ == "__main__":
    sys.exit(main())
