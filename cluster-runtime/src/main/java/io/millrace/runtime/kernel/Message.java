package io.millrace.runtime.kernel;

/** Something that an actor can receive: an immutable value. */
public interface Message {}
