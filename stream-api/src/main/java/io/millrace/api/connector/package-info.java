/**
 * The two doors through which data enters and leaves a job: {@link
 * io.millrace.api.connector.Source} and {@link io.millrace.api.connector.Sink}. Whoever implements
 * them gets the engine's guarantees.
 */
package io.millrace.api.connector;
