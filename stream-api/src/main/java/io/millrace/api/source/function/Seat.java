package io.millrace.api.source.function;

import java.io.Serializable;

/**
 * The right to run a source function: there is one for each subtask, which keeps it until the
 * function has returned.
 *
 * @param of the number of subtasks then; with another number seats are given out anew
 */
record Seat(int subtask, int of) implements Serializable {}
