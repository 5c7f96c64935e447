-- Every row but those of objects carries a keyed checksum of its columns in `sum`; an object's id is the keyed hash of
-- its kind and decoded content.

CREATE TABLE store (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  row_key BLOB NOT NULL,
  sum BLOB NOT NULL
) STRICT;

CREATE TABLE tenants (
  seq INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  secret BLOB NOT NULL,
  -- No deleted session had a version above this one.
  version_floor INTEGER NOT NULL,
  sum BLOB NOT NULL
) STRICT;

CREATE TABLE objects (
  seq INTEGER PRIMARY KEY,
  tenant INTEGER NOT NULL REFERENCES tenants (seq),
  id BLOB NOT NULL,
  kind INTEGER NOT NULL,
  -- 0 as it is, 1 zstd.
  encoding INTEGER NOT NULL,
  -- Bytes when decoded.
  length INTEGER NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (tenant, id)
) STRICT;

CREATE TABLE sessions (
  tenant INTEGER NOT NULL REFERENCES tenants (seq),
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  record BLOB NOT NULL,
  image BLOB NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE commands (
  tenant INTEGER NOT NULL,
  session TEXT NOT NULL,
  version INTEGER NOT NULL,
  id BLOB NOT NULL,
  record BLOB NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (tenant, session, version),
  FOREIGN KEY (tenant, session) REFERENCES sessions (tenant, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE refs (
  tenant INTEGER NOT NULL,
  session TEXT NOT NULL,
  name TEXT NOT NULL,
  record BLOB NOT NULL,
  image BLOB NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (tenant, session, name),
  FOREIGN KEY (tenant, session) REFERENCES sessions (tenant, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshots (
  tenant INTEGER NOT NULL REFERENCES tenants (seq),
  name TEXT NOT NULL,
  record BLOB NOT NULL,
  image BLOB NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (tenant, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
  kind TEXT NOT NULL,
  tenant INTEGER NOT NULL REFERENCES tenants (seq),
  key TEXT NOT NULL,
  bytes BLOB NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (kind, tenant, key)
) STRICT;

CREATE TABLE audit (
  tenant INTEGER NOT NULL REFERENCES tenants (seq),
  number INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  hash BLOB NOT NULL,
  sum BLOB NOT NULL,
  PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;
