package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Failure;

/**
 * A JobManager has ended over a broken invariant while it recovered the job, that is before any
 * checkpoint had completed since its claim. Said with its last breath, so it may be missing; a
 * process that was killed leaves none.
 *
 * @param attempt of the JobManager's process
 * @param checkpoint newest one that was complete then; 0 if none was
 */
public record Crash(int attempt, long checkpoint, Failure cause, long wallMillis) implements Fact {}
