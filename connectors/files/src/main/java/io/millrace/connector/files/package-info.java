/**
 * Text files on any Hadoop file system, as a source and as an exactly-once sink. Knows the API of
 * Millrace and Hadoop's public one, nothing of the engine.
 *
 * <p>The sink publishes by renaming, so what one subtask writes between two checkpoints becomes a
 * file of its own: short intervals make many files. An interval without records makes none.
 */
package io.millrace.connector.files;
