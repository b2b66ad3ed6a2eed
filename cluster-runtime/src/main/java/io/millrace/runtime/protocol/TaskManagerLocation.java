package io.millrace.runtime.protocol;

/** Where a TaskManager's data port is. */
public record TaskManagerLocation(TaskManagerId id, String host, int dataPort) {}
