/**
 * The workloads as programs of Hazelcast Jet. Owns their source, sink and settings; nothing knows
 * it.
 */
package io.millrace.benchmarks.jet;
