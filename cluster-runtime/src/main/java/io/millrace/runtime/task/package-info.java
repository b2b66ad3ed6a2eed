/**
 * One subtask at work: takes elements, drives its chain of operators, routes what they emit, aligns
 * barriers. No thread, no clock, no message of the cluster is known here; of the kernel only the
 * values {@code Clock}, {@code Check} and {@code Purpose}.
 */
package io.millrace.runtime.task;
