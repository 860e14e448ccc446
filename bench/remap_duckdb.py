"""The peer of bench/remap: a hash join of DuckDB under the same memory, one thread.

Arguments: the file of parents (key,new id), rows of references, modulus of their formula. Prints the
CPU seconds of the join alone and its sum, which must be the engine's."""
import sys
import time

import duckdb

parents, rows, span = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
db = duckdb.connect(config={"memory_limit": "256MB", "threads": 1})
db.execute(f"create table parents as select * from read_csv('{parents}', columns={{'id': 'BIGINT', 'new_id': 'BIGINT'}}, header=false)")
db.execute(f"create table refs as select (range * 7919) % {span} + 1 as parent from range({rows})")
start = time.process_time()
total, found = db.execute("select sum(new_id), count(new_id) from refs left join parents on parents.id = refs.parent").fetchone()
print(time.process_time() - start, total % (1 << 64), found, duckdb.__version__)
