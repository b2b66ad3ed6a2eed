package io.millrace.runtime.task;

import io.millrace.runtime.exchange.ChannelBrokenException;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The channels that lead to a task. Takes turns between them; a barrier blocks its channel until
 * all channels have it, so that at most one checkpoint is aligned at a time. In a job that is
 * content with at-least-once nothing blocks, and barriers of several may be on their way. A channel
 * whose input has ended still brings barriers.
 */
final class Inbox {
  private static final long NONE = -1;

  private final InChannel[] channels;
  private final boolean blocking;

  /** Checkpoints whose barriers some channels have brought and others have not. */
  private final TreeMap<Long, Alignment> alignments = new TreeMap<>();

  private final boolean[] ended;
  private final boolean[] gone;
  private int last;
  private int endedCount;

  private long settled = NONE;

  /** Which channels have brought a barrier. */
  private static final class Alignment {
    final boolean[] has;
    int arrived;

    Alignment(int channels) {
      has = new boolean[channels];
    }
  }

  /**
   * @param blocking whether a channel waits with what is behind a barrier until all have it
   */
  Inbox(List<InChannel> channels, boolean blocking) {
    this.channels = channels.toArray(InChannel[]::new);
    this.blocking = blocking;
    this.ended = new boolean[this.channels.length];
    this.gone = new boolean[this.channels.length];
    this.last = this.channels.length - 1;
  }

  int size() {
    return channels.length;
  }

  /** The next element of any channel that is not blocked; {@code null} if there is none yet. */
  Element poll() {
    for (int i = 0; i < channels.length; i++) {
      int channel = last + 1 < channels.length ? last + 1 : 0;
      last = channel;
      if (!held(channel) && !gone[channel]) {
        Element element = poll(channel);
        if (element != null) {
          return element;
        }
      }
    }
    return null;
  }

  private boolean held(int channel) {
    return blocking && !alignments.isEmpty() && alignments.firstEntry().getValue().has[channel];
  }

  private Element poll(int channel) {
    try {
      return channels[channel].poll();
    } catch (ChannelBrokenException e) {
      if (!ended[channel] || !alignments.isEmpty()) {
        throw e;
      }
      // The producer has ended after the last checkpoint, a moment before this task.
      gone[channel] = true;
      return null;
    }
  }

  /**
   * The newest barrier that stands before the task in some channel and has not been cut for, the
   * oldest of them by age; {@link Element.Barrier#NONE} if there is none.
   */
  Element.Barrier inSight() {
    Element.Barrier newest = Element.Barrier.NONE;
    for (InChannel channel : channels) {
      Element.Barrier barrier = channel.announced();
      if (barrier.checkpoint() > newest.checkpoint()
          || (barrier.checkpoint() == newest.checkpoint()
              && barrier.ageMillis() > newest.ageMillis())) {
        newest = barrier;
      }
    }
    long checkpoint = newest.checkpoint();
    if (checkpoint <= settled || (!alignments.isEmpty() && checkpoint < alignments.lastKey())) {
      return Element.Barrier.NONE;
    }
    checkNoneIsGone(checkpoint);
    return newest;
  }

  /** Whether all channels in which barriers keep their place have brought this one. */
  boolean mayOvertake(long checkpoint, List<Way> ways) {
    for (int channel = 0; channel < channels.length; channel++) {
      if (!ways.get(channel).mayBeOvertaken() && !hasBarrier(channel, checkpoint)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a checkpoint's barrier, for which nothing was cut yet, stands in the only channel. */
  boolean barrierWaits() {
    return channels[0].announced().checkpoint() > settled;
  }

  /** Whether the channel has brought the barrier that is being aligned for the checkpoint. */
  boolean hasBarrier(int channel, long checkpoint) {
    Alignment alignment = alignments.get(checkpoint);
    return alignment != null && alignment.has[channel];
  }

  /** The channel of the element that {@link #poll} returned last. */
  int channel() {
    return last;
  }

  /** Asks the enumerator at the other end of the only channel for a split. */
  void request() {
    channels[0].request();
  }

  void ended(int channel) {
    if (!ended[channel]) {
      ended[channel] = true;
      endedCount++;
    }
  }

  /** The job was stopped: producers end without a word, a moment before this task. */
  void stopped() {
    for (int channel = 0; channel < channels.length; channel++) {
      ended(channel);
    }
  }

  /** Whether no batch will come any more. */
  boolean allEnded() {
    return endedCount == channels.length;
  }

  /**
   * The channel polled last has brought a barrier. Where channels block, a higher one than is being
   * aligned for ends that alignment, and a lower one has lost its meaning.
   *
   * @return whether the barrier is now complete: the task has to cut
   */
  boolean barrier(long checkpoint) {
    if (checkpoint <= settled) {
      return false;
    }
    if (blocking) {
      alignments.headMap(checkpoint).clear();
      if (!alignments.isEmpty() && alignments.firstKey() > checkpoint) {
        return false;
      }
    }
    Alignment alignment =
        alignments.computeIfAbsent(checkpoint, id -> new Alignment(channels.length));
    if (alignment.has[last]) {
      return false;
    }
    checkNoneIsGone(checkpoint);
    alignment.has[last] = true;
    if (++alignment.arrived < channels.length) {
      return false;
    }
    settle(checkpoint);
    return true;
  }

  /** What each channel has, for people. */
  String standing() {
    var text = new ArrayList<String>();
    for (int channel = 0; channel < channels.length; channel++) {
      text.add(
          channel
              + (ended[channel] ? " ended" : "")
              + (held(channel) ? " waits at barrier " + alignments.firstKey() : "")
              + (channels[channel].isEmpty() ? " is empty" : " has more"));
    }
    return text.toString();
  }

  private void checkNoneIsGone(long checkpoint) {
    for (boolean each : gone) {
      if (each) {
        // There was to be another checkpoint: the producer did not end, it was lost.
        throw new ChannelBrokenException(
            "the connection to a producer broke after its last record, and checkpoint "
                + checkpoint
                + " cannot be aligned");
      }
    }
  }

  /** The checkpoint, and all before it, are over: nobody waits for their barriers. */
  void settle(long checkpoint) {
    settled = Math.max(settled, checkpoint);
    alignments.headMap(settled, true).clear();
  }
}
