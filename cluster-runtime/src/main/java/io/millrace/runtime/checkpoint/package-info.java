/**
 * What is durable, and the rules by which one JobManager at a time may add to it: claim, commit and
 * fenced delete as step machines over a port of seven operations.
 */
package io.millrace.runtime.checkpoint;
