/**
 * The DataStream API: a program describes streams, {@link
 * io.millrace.api.StreamExecutionEnvironment#execute()} runs them.
 *
 * <p>Each call on a stream adds an operator or an edge to the graph being drafted; there is no
 * other form between it and the {@link io.millrace.api.graph.JobGraph} that is submitted.
 */
package io.millrace.api;
