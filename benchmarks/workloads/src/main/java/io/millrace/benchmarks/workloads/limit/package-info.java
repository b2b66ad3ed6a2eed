/**
 * What the work itself costs: loops over two threads that compute the results of each workload with
 * no engine at all, and so say what is right, too.
 */
package io.millrace.benchmarks.workloads.limit;
