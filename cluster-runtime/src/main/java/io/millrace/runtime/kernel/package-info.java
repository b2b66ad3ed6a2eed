/**
 * What logic is made of: actors that receive messages and an environment that hands them time,
 * chance and the outside. Knows nothing else of the engine.
 */
package io.millrace.runtime.kernel;
