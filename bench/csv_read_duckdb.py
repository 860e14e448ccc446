"""The peer of bench/csv_read: DuckDB's reader of CSV with the same types, one thread.

Arguments: the file, and its columns as name=TYPE. Prints the CPU seconds of one pass over all
columns, the rows, the sums of the numbers, the bytes of the texts (of a second pass) and the
version."""
import sys
import time

import duckdb

path, columns = sys.argv[1], [word.split("=") for word in sys.argv[2:]]
db = duckdb.connect(config={"threads": 1})
types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
source = f"read_csv('{path}', columns={{{types}}}, header=true, delim=',', quote='\"', auto_detect=false)"
numbers = [name for name, kind in columns if kind in ("BIGINT", "DOUBLE")]
texts = [name for name, kind in columns if kind == "VARCHAR"]
others = [name for name, kind in columns if name not in numbers]
wanted = [f"sum({name})" for name in numbers] + [f"count({name})" for name in others]
start = time.process_time()
row = db.execute(f"select count(*), {', '.join(wanted)} from {source}").fetchone()
seconds = time.process_time() - start
total = sum(int(value) for value in row[1 : len(numbers) + 1])
size = db.execute(f"select {' + '.join(f'sum(strlen({name}))' for name in texts)} from {source}").fetchone()[0]
print(seconds, row[0], total, int(size), duckdb.__version__)
