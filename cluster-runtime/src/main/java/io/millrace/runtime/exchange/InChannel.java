package io.millrace.runtime.exchange;

import io.millrace.api.type.Serializer;
import java.util.List;

/** The consumer's end of a channel, used by the consuming task's thread only. */
public interface InChannel {
  /**
   * The next element, {@code null} if there is none yet. The task's waker is called when there is
   * one again.
   *
   * @throws ChannelBrokenException if the other end is gone and everything it sent has been taken
   */
  Element poll();

  /** Whether {@link #poll} would return something. */
  boolean isEmpty();

  /**
   * The newest barrier of a checkpoint, not savepoint, that has come to this end, whether it was
   * taken or still stands behind other elements: it needs no credit, so it is announced before they
   * are taken. The task's waker is called for it too.
   *
   * @return {@link Element.Barrier#NONE} if none has
   */
  Element.Barrier announced();

  /**
   * What stands here before the barrier of the checkpoint, which has been announced and not been
   * taken. Nothing is taken by this.
   */
  List<InFlight> before(long checkpoint, Serializer<Object> records);

  /** Asks the enumerator at the other end for a split; at most one request is open at a time. */
  void request();

  void close();
}
