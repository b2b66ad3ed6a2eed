/** Savepoints without a job: what a program could restore of one. */
package io.millrace.runtime.savepoint;
