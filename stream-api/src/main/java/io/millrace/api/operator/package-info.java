/**
 * What runs inside a task: {@link io.millrace.api.operator.Operator} and what the engine hands it.
 * Built-in operators live here too. Knows functions, event time, state and types; knows nothing of
 * the engine.
 */
package io.millrace.api.operator;
