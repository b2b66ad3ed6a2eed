/**
 * What is measured: workloads that run in a process of their own and print one line of JSON each.
 * Owns the jobs and the meters; nothing of the product knows it. May know every module.
 */
package io.millrace.benchmarks;
