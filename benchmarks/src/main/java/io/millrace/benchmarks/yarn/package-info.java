/**
 * How long it takes on a YARN cluster from a command to the first record of its job, and from the
 * death of a process to the next one, ours and Flink's in turns. Owns the cluster, the commands and
 * what their logs tell; may know what all workloads share.
 */
package io.millrace.benchmarks.yarn;
