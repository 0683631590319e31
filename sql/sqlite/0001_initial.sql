-- The requirement document's chapter 5 and Oscar's own columns beside it. Times are INTEGER
-- milliseconds since 1970 (UTC), JSON is TEXT. See sql/README.md for the rules.

CREATE TABLE users (
  id TEXT NOT NULL PRIMARY KEY,
  username TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  display_name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  role TEXT NOT NULL DEFAULT 'viewer' CHECK (role IN ('admin', 'operator', 'viewer')),
  is_active INTEGER NOT NULL DEFAULT 1,
  last_login_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX idx_users_role ON users (role, is_active);

CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ip_address TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT ''
);
CREATE INDEX idx_sessions_user ON sessions (user_id);
CREATE INDEX idx_sessions_expires ON sessions (expires_at);

-- unique_name is the name while the connection exists and NULL once it is a tombstone, so that a
-- deleted connection's name is free again.
CREATE TABLE connections (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  unique_name TEXT UNIQUE,
  environment TEXT NOT NULL DEFAULT 'test' CHECK (environment IN ('prod', 'test', 'dev')),
  host TEXT NOT NULL,
  port INTEGER NOT NULL DEFAULT 3306,
  username TEXT NOT NULL,
  password TEXT NOT NULL,
  database_name TEXT NOT NULL,
  description TEXT NOT NULL DEFAULT '',
  connect_timeout INTEGER NOT NULL DEFAULT 5,
  charset TEXT NOT NULL DEFAULT 'utf8mb4',
  use_ssl INTEGER NOT NULL DEFAULT 0,
  ssl_verify TEXT NOT NULL,
  ssl_ca TEXT NOT NULL DEFAULT '',
  backend TEXT NOT NULL DEFAULT '',
  created_by TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  deleted_at INTEGER
);
CREATE INDEX idx_connections_environment ON connections (environment, name);
CREATE INDEX idx_connections_name ON connections (name);

CREATE TABLE execution_records (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  connection_id TEXT NOT NULL REFERENCES connections (id),
  connection_name TEXT NOT NULL,
  environment TEXT NOT NULL CHECK (environment IN ('prod', 'test', 'dev')),
  server_key TEXT NOT NULL,
  table_name TEXT NOT NULL,
  database_name TEXT NOT NULL,
  table_key TEXT NOT NULL,
  live_table_key TEXT UNIQUE,
  ddl_type TEXT NOT NULL CHECK (ddl_type IN ('fragment', 'add_column', 'modify_column',
    'drop_column', 'add_index', 'drop_index', 'other')),
  original_ddl TEXT NOT NULL,
  alter_text TEXT NOT NULL,
  argv TEXT NOT NULL CHECK (json_valid(argv)),
  generated_command TEXT NOT NULL,
  execution_params TEXT NOT NULL CHECK (json_valid(execution_params)),
  backend TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'completed',
    'failed', 'cancelled')),
  stop_requested INTEGER NOT NULL DEFAULT 0,
  start_time INTEGER,
  end_time INTEGER,
  duration_seconds INTEGER,
  stage TEXT NOT NULL DEFAULT '',
  paused INTEGER NOT NULL DEFAULT 0,
  progress REAL,
  progress_exact INTEGER NOT NULL DEFAULT 0,
  processed_rows INTEGER NOT NULL DEFAULT 0,
  total_rows INTEGER NOT NULL DEFAULT 0,
  estimate_exceeded INTEGER NOT NULL DEFAULT 0,
  current_speed REAL,
  eta_seconds INTEGER,
  throttled_by TEXT NOT NULL DEFAULT '',
  throttled_by_en TEXT NOT NULL DEFAULT '',
  load_sample TEXT CHECK (load_sample IS NULL OR json_valid(load_sample)),
  avg_speed REAL,
  data_size_bytes INTEGER,
  reclaimed_bytes INTEGER,
  container_id TEXT NOT NULL DEFAULT '',
  execution_logs TEXT,
  error_message TEXT NOT NULL DEFAULT '',
  error_message_en TEXT NOT NULL DEFAULT '',
  attention TEXT NOT NULL DEFAULT '',
  attention_en TEXT NOT NULL DEFAULT '',
  waiting_for TEXT NOT NULL DEFAULT '',
  waiting_for_en TEXT NOT NULL DEFAULT '',
  retry_of TEXT NOT NULL DEFAULT '',
  owner_node TEXT,
  lease_until INTEGER,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
-- Each filter has an index that is in list order and carries what totals and statistics need, so
-- that lists never read rows that they do not show; idx_filter serves combinations of filters.
CREATE INDEX idx_status ON execution_records (status, number, created_at, duration_seconds);
CREATE INDEX idx_created_at ON execution_records (created_at, number, status, duration_seconds);
CREATE INDEX idx_table ON execution_records
  (database_name, table_name, number, status, created_at, duration_seconds);
CREATE INDEX idx_database ON execution_records
  (database_name, number, status, created_at, duration_seconds);
CREATE INDEX idx_table_name ON execution_records
  (table_name, number, status, created_at, duration_seconds);
CREATE INDEX idx_connection ON execution_records
  (connection_id, number, status, created_at, duration_seconds);
CREATE INDEX idx_created_by ON execution_records
  (created_by, number, status, created_at, duration_seconds);
CREATE INDEX idx_ddl_type ON execution_records
  (ddl_type, number, status, created_at, duration_seconds);
CREATE INDEX idx_filter ON execution_records
  (number, status, created_at, ddl_type, connection_id, created_by, database_name, table_name,
   duration_seconds);
CREATE INDEX idx_table_key ON execution_records (table_key, status);

-- What a keyword is looked for in: `database.table` and the DDL, in lower case. Beside the records,
-- because reading through their wide rows would take many times as long.
CREATE TABLE execution_search (
  number INTEGER NOT NULL PRIMARY KEY REFERENCES execution_records (number),
  haystack TEXT NOT NULL
);

-- Per status: how many executions, and the durations known among them. `changes` counts every
-- insert and status change, which tells when a remembered total is still right.
CREATE TABLE execution_counters (
  status TEXT NOT NULL PRIMARY KEY,
  executions INTEGER NOT NULL DEFAULT 0,
  durations INTEGER NOT NULL DEFAULT 0,
  duration_seconds INTEGER NOT NULL DEFAULT 0,
  changes INTEGER NOT NULL DEFAULT 0
);
INSERT INTO execution_counters (status) VALUES
  ('pending'), ('running'), ('completed'), ('failed'), ('cancelled');

CREATE TABLE execution_runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  execution_id TEXT NOT NULL REFERENCES execution_records (id),
  backend TEXT NOT NULL,
  handle TEXT NOT NULL DEFAULT '',
  output_offset INTEGER NOT NULL DEFAULT 0,
  next_line INTEGER NOT NULL DEFAULT 1,
  decoder_state TEXT NOT NULL DEFAULT '',
  exit_code INTEGER,
  started_at INTEGER,
  ended_at INTEGER
);
CREATE INDEX idx_runs_execution ON execution_runs (execution_id, number);

-- One row per commit of a run. payload holds the lines in order, each as
-- `<milliseconds> <bytes of text> <text>\n`.
CREATE TABLE execution_log_chunks (
  execution_id TEXT NOT NULL REFERENCES execution_records (id),
  first_line INTEGER NOT NULL,
  line_count INTEGER NOT NULL,
  payload TEXT NOT NULL,
  PRIMARY KEY (execution_id, first_line)
);

CREATE TABLE audit_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT NOT NULL DEFAULT '',
  username TEXT NOT NULL DEFAULT '',
  action TEXT NOT NULL,
  resource_type TEXT NOT NULL DEFAULT '',
  resource_id TEXT NOT NULL DEFAULT '',
  request_data TEXT CHECK (request_data IS NULL OR json_valid(request_data)),
  response_data TEXT CHECK (response_data IS NULL OR json_valid(response_data)),
  ip_address TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT '',
  execution_time_ms INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
);
CREATE INDEX idx_audit_user_id ON audit_logs (user_id);
CREATE INDEX idx_audit_username ON audit_logs (username);
CREATE INDEX idx_audit_action ON audit_logs (action);
CREATE INDEX idx_audit_resource ON audit_logs (resource_type, resource_id);
CREATE INDEX idx_audit_resource_id ON audit_logs (resource_id);
CREATE INDEX idx_audit_created_at ON audit_logs (created_at);
