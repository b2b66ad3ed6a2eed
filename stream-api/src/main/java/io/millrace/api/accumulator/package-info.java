/**
 * Values that functions add to while a job runs, and that the program reads when it has finished:
 * see {@link io.millrace.api.accumulator.Accumulator}.
 */
package io.millrace.api.accumulator;
