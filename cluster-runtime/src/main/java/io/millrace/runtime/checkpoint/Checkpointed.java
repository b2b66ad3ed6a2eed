package io.millrace.runtime.checkpoint;

/**
 * The job has completed a checkpoint of its own, and has kept at least one ever since: whoever
 * finds none must not take the job for one that never had any.
 *
 * @param first the id of that checkpoint
 */
public record Checkpointed(long first) implements Fact {}
