/**
 * The events that all engines read, each a pure function of its number, and what programs compute
 * from them. Plain classes with public fields, which every engine takes for its own.
 */
package io.millrace.benchmarks.workloads.events;
