package io.millrace.runtime.plan;

import io.millrace.runtime.protocol.TaskManagerLocation;

/**
 * A slot that is to be used by one region.
 *
 * @param slot index within its TaskManager, from 0
 */
public record FreeSlot(TaskManagerLocation location, int slot) {}
