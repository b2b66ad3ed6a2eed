/**
 * The operator behind {@link io.millrace.api.AsyncDataStream}: requests that wait for answers from
 * elsewhere, and the order in which those may leave. Everything but the handing in of an answer
 * happens on the task's thread.
 */
package io.millrace.api.operator.async;
