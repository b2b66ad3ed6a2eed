/**
 * Savepoints without a job: read and written as files, and what a program could restore of one.
 * {@link io.millrace.runtime.savepoint.Savepoint} reads, {@link
 * io.millrace.runtime.savepoint.SavepointWriter} writes.
 */
package io.millrace.runtime.savepoint;
