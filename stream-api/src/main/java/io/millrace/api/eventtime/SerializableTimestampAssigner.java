package io.millrace.api.eventtime;

/** Another name for a {@link TimestampAssigner}, which can always be sent. */
@FunctionalInterface
public interface SerializableTimestampAssigner<T> extends TimestampAssigner<T> {}
