package io.millrace.runtime.checkpoint;

import io.millrace.runtime.protocol.Epoch;

/**
 * Who holds an epoch.
 *
 * @param owner unique for each claim, so that a claimer whose acknowledgement was lost knows its
 *     own file again
 */
public record ClaimNote(Epoch epoch, String owner, long wallMillis) implements Fact {}
