package io.millrace.runtime.task;

import io.millrace.runtime.exchange.Batch;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.InFlight;
import java.util.ArrayList;
import java.util.List;

/**
 * What comes in a task's channels before a barrier for which it has cut already. Complete once
 * every channel has brought that barrier to its end.
 */
final class Recording {
  private enum Side {
    /** Its barrier was taken before the cut, or has been seen since. */
    COMPLETE,
    /** Whatever comes still belongs to it. */
    OPEN
  }

  private final long checkpoint;
  private final List<Way> ways;
  private final Side[] sides;
  private final List<List<InFlight>> elements = new ArrayList<>();
  private int open;
  private boolean lost;

  Recording(long checkpoint, List<Way> ways) {
    this.checkpoint = checkpoint;
    this.ways = ways;
    this.sides = new Side[ways.size()];
    this.open = ways.size();
    for (int i = 0; i < sides.length; i++) {
      sides[i] = Side.OPEN;
      elements.add(new ArrayList<>());
    }
  }

  long checkpoint() {
    return checkpoint;
  }

  /** The channel has brought the barrier. */
  void complete(int channel) {
    if (sides[channel] == Side.OPEN) {
      sides[channel] = Side.COMPLETE;
      open--;
    }
  }

  /** Records of a batch at hand, from one on. */
  void rest(int channel, Batch batch, int from) {
    elements.get(channel).add(InFlight.records(batch, from, ways.get(channel).records()));
  }

  /** Event time as it was when timers were still to fire for it. */
  void watermark(int channel, long watermark) {
    elements.get(channel).add(InFlight.watermark(watermark));
  }

  /** Timers that are to fire before anything that came in the channel behind the cut. */
  void due(int channel, Element.Due due) {
    elements.get(channel).add(InFlight.due(due));
  }

  /** Looks which barriers have come into sight. */
  void look() {
    for (int i = 0; i < sides.length; i++) {
      if (sides[i] == Side.OPEN) {
        InChannel channel = ways.get(i).channel();
        long announced = channel.announced().checkpoint();
        if (announced == checkpoint) {
          elements.get(i).addAll(channel.before(checkpoint, ways.get(i).records()));
          complete(i);
        } else if (announced > checkpoint) {
          lost = true; // it never started there, and another one has begun
        }
      }
    }
  }

  /** The channel has brought an element. */
  void taken(int channel, Element element) {
    if (sides[channel] != Side.OPEN) {
      return;
    }
    if (element instanceof Element.Barrier barrier) {
      if (barrier.checkpoint() == checkpoint) {
        complete(channel);
      } else if (barrier.checkpoint() > checkpoint) {
        lost = true;
      }
      return;
    }
    InFlight kept = InFlight.of(element, ways.get(channel).records());
    if (kept != null) {
      elements.get(channel).add(kept);
    }
  }

  boolean isComplete() {
    return open == 0;
  }

  /** Whether it can never be complete. */
  boolean isLost() {
    return lost;
  }

  /**
   * @param consumer subtask that recorded
   * @param consumers of which it is one
   */
  List<FrozenChannel> frozen(int consumer, int consumers, int maxParallelism) {
    var frozen = new ArrayList<FrozenChannel>();
    for (int i = 0; i < sides.length; i++) {
      if (!elements.get(i).isEmpty()) {
        Way way = ways.get(i);
        frozen.add(
            new FrozenChannel(
                way.edge(),
                way.partitioning(),
                true,
                way.producer(),
                way.producers(),
                consumer,
                consumers,
                maxParallelism,
                elements.get(i),
                way.records()));
      }
    }
    return frozen;
  }
}
