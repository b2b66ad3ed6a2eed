package io.millrace.runtime.taskmanager;

import io.millrace.runtime.kernel.Message;

/** The host's word that the connection to the JobManager broke; it tries to make another one. */
public record LineLost() implements Message {}
