/**
 * How long it takes from a command to the first record of its job on a YARN cluster, ours and
 * Flink's in turns. Owns the cluster, the commands and what their logs tell; may know what all
 * workloads share.
 */
package io.millrace.benchmarks.start;
