-- The requirement document's chapter 5 and Oscar's own columns beside it. Times are DATETIME(3) in
-- UTC, JSON is LONGTEXT with a validity check, so that it stays as it was written. See
-- sql/README.md for the rules.

CREATE TABLE users (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  username VARCHAR(50) NOT NULL UNIQUE,
  password_hash VARCHAR(255) NOT NULL,
  display_name VARCHAR(100) NOT NULL DEFAULT '',
  email VARCHAR(255) NOT NULL DEFAULT '',
  role ENUM('admin', 'operator', 'viewer') NOT NULL DEFAULT 'viewer',
  is_active BOOLEAN NOT NULL DEFAULT 1,
  last_login_at DATETIME(3),
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='用户表';
CREATE INDEX idx_users_role ON users (role, is_active);

CREATE TABLE sessions (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  user_id VARCHAR(36) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  expires_at DATETIME(3) NOT NULL,
  ip_address VARCHAR(45) NOT NULL DEFAULT '',
  user_agent LONGTEXT NOT NULL,
  FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='登录会话表';
CREATE INDEX idx_sessions_user ON sessions (user_id);
CREATE INDEX idx_sessions_expires ON sessions (expires_at);

-- unique_name is the name while the connection exists and NULL once it is a tombstone, so that a
-- deleted connection's name is free again.
CREATE TABLE connections (
  id VARCHAR(36) NOT NULL PRIMARY KEY,
  name VARCHAR(100) NOT NULL,
  unique_name VARCHAR(100) UNIQUE,
  environment ENUM('prod', 'test', 'dev') NOT NULL DEFAULT 'test',
  host VARCHAR(255) NOT NULL,
  port INT NOT NULL DEFAULT 3306,
  username VARCHAR(100) NOT NULL,
  password LONGTEXT NOT NULL,
  database_name VARCHAR(100) NOT NULL,
  description LONGTEXT NOT NULL,
  connect_timeout INT NOT NULL DEFAULT 5,
  charset VARCHAR(20) NOT NULL DEFAULT 'utf8mb4',
  use_ssl BOOLEAN NOT NULL DEFAULT 0,
  ssl_verify VARCHAR(20) NOT NULL,
  ssl_ca LONGTEXT NOT NULL,
  backend VARCHAR(50) NOT NULL DEFAULT '',
  created_by VARCHAR(100) NOT NULL DEFAULT '',
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  deleted_at DATETIME(3)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='数据库连接配置表';
CREATE INDEX idx_connections_environment ON connections (environment, name);
CREATE INDEX idx_connections_name ON connections (name);

CREATE TABLE execution_records (
  number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id VARCHAR(36) NOT NULL UNIQUE,
  connection_id VARCHAR(36) NOT NULL,
  connection_name VARCHAR(100) NOT NULL,
  environment ENUM('prod', 'test', 'dev') NOT NULL,
  server_key VARCHAR(400) NOT NULL,
  table_name VARCHAR(200) NOT NULL,
  database_name VARCHAR(100) NOT NULL,
  table_key VARCHAR(700) NOT NULL,
  live_table_key VARCHAR(700) UNIQUE,
  ddl_type ENUM('fragment', 'add_column', 'modify_column', 'drop_column', 'add_index',
    'drop_index', 'other') NOT NULL,
  original_ddl LONGTEXT NOT NULL,
  alter_text LONGTEXT NOT NULL,
  argv LONGTEXT NOT NULL CHECK (json_valid(argv)),
  generated_command LONGTEXT NOT NULL,
  execution_params LONGTEXT NOT NULL CHECK (json_valid(execution_params)),
  backend VARCHAR(50) NOT NULL,
  status ENUM('pending', 'running', 'completed', 'failed', 'cancelled') NOT NULL DEFAULT 'pending',
  stop_requested BOOLEAN NOT NULL DEFAULT 0,
  start_time DATETIME(3),
  end_time DATETIME(3),
  duration_seconds BIGINT,
  stage VARCHAR(30) NOT NULL DEFAULT '',
  paused BOOLEAN NOT NULL DEFAULT 0,
  progress DOUBLE,
  progress_exact BOOLEAN NOT NULL DEFAULT 0,
  processed_rows BIGINT NOT NULL DEFAULT 0,
  total_rows BIGINT NOT NULL DEFAULT 0,
  estimate_exceeded BOOLEAN NOT NULL DEFAULT 0,
  current_speed DOUBLE,
  eta_seconds BIGINT,
  throttled_by LONGTEXT NOT NULL,
  throttled_by_en LONGTEXT NOT NULL,
  load_sample LONGTEXT CHECK (load_sample IS NULL OR json_valid(load_sample)),
  avg_speed DECIMAL(10, 2),
  data_size_bytes BIGINT,
  reclaimed_bytes BIGINT,
  container_id VARCHAR(64) NOT NULL DEFAULT '',
  execution_logs LONGTEXT,
  error_message LONGTEXT NOT NULL,
  error_message_en LONGTEXT NOT NULL,
  attention LONGTEXT NOT NULL,
  attention_en LONGTEXT NOT NULL,
  waiting_for LONGTEXT NOT NULL,
  waiting_for_en LONGTEXT NOT NULL,
  retry_of VARCHAR(36) NOT NULL DEFAULT '',
  owner_node VARCHAR(100),
  lease_until DATETIME(3),
  created_by VARCHAR(100) NOT NULL,
  created_at DATETIME(3) NOT NULL,
  updated_at DATETIME(3) NOT NULL,
  FOREIGN KEY (connection_id) REFERENCES connections (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='DDL执行记录表';
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
  number BIGINT NOT NULL PRIMARY KEY,
  haystack LONGTEXT NOT NULL,
  FOREIGN KEY (number) REFERENCES execution_records (number)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='执行检索表';

-- Per status: how many executions, and the durations known among them. `changes` counts every
-- insert and status change, which tells when a remembered total is still right.
CREATE TABLE execution_counters (
  status VARCHAR(20) NOT NULL PRIMARY KEY,
  executions BIGINT NOT NULL DEFAULT 0,
  durations BIGINT NOT NULL DEFAULT 0,
  duration_seconds BIGINT NOT NULL DEFAULT 0,
  changes BIGINT NOT NULL DEFAULT 0
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='执行计数表';
INSERT INTO execution_counters (status) VALUES
  ('pending'), ('running'), ('completed'), ('failed'), ('cancelled');

CREATE TABLE execution_runs (
  number BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  id VARCHAR(36) NOT NULL UNIQUE,
  execution_id VARCHAR(36) NOT NULL,
  backend VARCHAR(50) NOT NULL,
  handle LONGTEXT NOT NULL,
  output_offset BIGINT NOT NULL DEFAULT 0,
  next_line BIGINT NOT NULL DEFAULT 1,
  decoder_state LONGTEXT NOT NULL,
  exit_code INT,
  started_at DATETIME(3),
  ended_at DATETIME(3),
  FOREIGN KEY (execution_id) REFERENCES execution_records (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='执行进程表';
CREATE INDEX idx_runs_execution ON execution_runs (execution_id, number);

-- One row per commit of a run. payload holds the lines in order, each as
-- `<milliseconds> <bytes of text> <text>\n`.
CREATE TABLE execution_log_chunks (
  execution_id VARCHAR(36) NOT NULL,
  first_line BIGINT NOT NULL,
  line_count INT NOT NULL,
  payload LONGBLOB NOT NULL,
  PRIMARY KEY (execution_id, first_line),
  FOREIGN KEY (execution_id) REFERENCES execution_records (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='执行日志分段表';

CREATE TABLE audit_logs (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  user_id VARCHAR(36) NOT NULL DEFAULT '',
  username VARCHAR(50) NOT NULL DEFAULT '',
  action VARCHAR(100) NOT NULL,
  resource_type VARCHAR(50) NOT NULL DEFAULT '',
  resource_id VARCHAR(36) NOT NULL DEFAULT '',
  request_data LONGTEXT CHECK (request_data IS NULL OR json_valid(request_data)),
  response_data LONGTEXT CHECK (response_data IS NULL OR json_valid(response_data)),
  ip_address VARCHAR(45) NOT NULL DEFAULT '',
  user_agent LONGTEXT NOT NULL,
  execution_time_ms INT NOT NULL DEFAULT 0,
  created_at DATETIME(3) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='操作审计日志表';
CREATE INDEX idx_audit_user_id ON audit_logs (user_id);
CREATE INDEX idx_audit_username ON audit_logs (username);
CREATE INDEX idx_audit_action ON audit_logs (action);
CREATE INDEX idx_audit_resource ON audit_logs (resource_type, resource_id);
CREATE INDEX idx_audit_resource_id ON audit_logs (resource_id);
CREATE INDEX idx_audit_created_at ON audit_logs (created_at);
