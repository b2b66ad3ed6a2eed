/**
 * The process that runs tasks: obeys the highest epoch it has seen, repeats the truth about its
 * attempts to the JobManager, makes snapshots durable.
 */
package io.millrace.runtime.taskmanager;
