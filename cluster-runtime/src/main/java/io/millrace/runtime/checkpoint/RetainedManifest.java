package io.millrace.runtime.checkpoint;

/**
 * A manifest that is intact and whose files are there in full length; what is in them is checked by
 * whoever reads them.
 *
 * @param name relative to the job's directory
 */
public record RetainedManifest(String name, Manifest manifest) {}
