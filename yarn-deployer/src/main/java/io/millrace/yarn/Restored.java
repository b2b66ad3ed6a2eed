package io.millrace.yarn;

import io.millrace.runtime.protocol.JobSpec.RestoreFrom;

/**
 * The checkpoint that a job starts from.
 *
 * @param lineage whose outputs the new job may write on
 */
public record Restored(RestoreFrom from, String lineage) {}
