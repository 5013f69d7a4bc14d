-- Who holds a job: the session with the database that claimed it. The claim of a session that is gone is void at once, so that a job whose
-- process was killed does not wait for its time. claims counts them: a worker that lost its claim can store nothing any more.
ALTER TABLE job
  ADD COLUMN claimed_by int,
  ADD COLUMN claims     bigint NOT NULL DEFAULT 0;
