/**
 * Source functions of the user's, each on a thread of its own, where it may wait: {@link
 * io.millrace.api.source.function.FunctionSource}. Like sockets this is an edge to the outside, and
 * no part of what a simulation can repeat; simulations refuse it.
 */
package io.millrace.api.source.function;
