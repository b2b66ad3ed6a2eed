/**
 * What engines are compared by: the {@link io.millrace.benchmarks.workloads.Workload workloads},
 * and how a run of one is measured, the same way in every engine's process. Knows no engine.
 */
package io.millrace.benchmarks.workloads;
