/**
 * The workloads as programs of Apache Flink, with its default settings and with what an expert
 * would choose. Owns their source, sinks and settings; nothing knows it.
 */
package io.millrace.benchmarks.flink;
