package io.millrace.api.function;

/**
 * What a function is told when it is opened.
 *
 * @param subtask index of the subtask it runs in, from 0
 * @param parallelism number of subtasks
 */
public record OpenContext(int subtask, int parallelism) {}
