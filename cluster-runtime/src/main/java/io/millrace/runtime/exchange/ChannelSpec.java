package io.millrace.runtime.exchange;

import io.millrace.api.type.Serializer;

/**
 * What both ends of a channel must know of it.
 *
 * @param records serializer of what the batches hold; of splits, on an enumerator's edge
 * @param loader resolves classes named in dynamic records
 * @param capacity batches that may wait in the channel, at least 1
 */
public record ChannelSpec(
    ChannelId id, Serializer<Object> records, ClassLoader loader, int capacity) {}
