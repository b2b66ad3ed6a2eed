package io.millrace.runtime.checkpoint;

/**
 * A manifest that cannot be restored from.
 *
 * @param name relative to the job's directory
 * @param reason what is wrong, for people
 */
public record DamagedManifest(String name, long checkpoint, String reason) {}
