-- What the submitter of an execution saw and confirmed, as a JSON array of words: a launch that finds
-- more than this is refused. NULL in executions from before: nothing is known to be confirmed.
ALTER TABLE execution_records ADD COLUMN confirmed_findings LONGTEXT
  CHECK (confirmed_findings IS NULL OR json_valid(confirmed_findings));
