/**
 * Options of programs under the names of the DataStream API: written by a program, handed to its
 * environment or to its functions. What the engine itself reads is {@link io.millrace.api.config}.
 */
package io.millrace.api.configuration;
