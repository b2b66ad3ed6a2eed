package io.millrace.runtime.task;

import io.millrace.api.connector.SourceReader;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import java.util.List;

/** Reads splits and asks for more; barriers come down the channel of the splits. */
final class SplitIntake implements Intake {
  private enum Phase {
    /** The reader may have something to read. */
    READING,
    /** The reader has nothing at the moment; it said when to ask again. */
    WAITING,
    /** A split was asked for. */
    NEEDS_SPLIT
  }

  private final Task task;
  private final Link head;
  private final ReaderOperator reader;
  private final Inbox inbox;

  /** A reader does not see that the outbox is full, so it is asked for little at a time. */
  private final int mostRecords;

  /** {@code null} if the reader waits for no other source. */
  private final Alignment alignment;

  private Phase phase = Phase.READING;
  private long nextPollMillis = Long.MAX_VALUE;
  private boolean noMoreSplits;

  /**
   * @param alignment {@code null} if the reader waits for no other source
   */
  SplitIntake(
      Task task,
      Link head,
      ReaderOperator reader,
      InChannel splits,
      int mostRecords,
      Alignment alignment) {
    this.alignment = alignment;
    this.mostRecords = mostRecords;
    this.task = task;
    this.head = head;
    this.reader = reader;
    this.inbox = new Inbox(List.of(splits), true);
  }

  @Override
  public int take(Clock now, int limit) throws Exception {
    Element element = inbox.poll();
    if (element != null) {
      control(element);
      return 1;
    }
    if (phase == Phase.WAITING && (nextPollMillis <= now.monotonicMillis() || reader.stirred())) {
      phase = Phase.READING;
    }
    if (phase != Phase.READING || alignment != null && reader.time().holdsAll()) {
      return 0;
    }
    return read(now, Math.min(limit, mostRecords));
  }

  @Override
  public void tend(Clock now, boolean ending) {
    if (alignment != null) {
      alignment.advance(now.monotonicMillis(), phase != Phase.NEEDS_SPLIT, ending);
    }
  }

  @Override
  public long tendAtMillis() {
    return alignment == null ? Long.MAX_VALUE : alignment.nextMillis();
  }

  @Override
  public void groupHasReached(long watermark) {
    if (alignment != null) {
      alignment.groupHasReached(watermark);
    }
  }

  /** Splits take no room of the outbox, so a barrier behind them need not wait for any. */
  @Override
  public void sight(Clock now) {
    while (inbox.barrierWaits()) {
      Element element = inbox.poll();
      if (element == null) {
        return;
      }
      control(element);
    }
  }

  @Override
  public String standing() {
    return phase + ", " + inbox.standing();
  }

  private void control(Element element) {
    if (element instanceof Element.Barrier barrier) {
      if (barrier.purpose().kind() == Purpose.Kind.DRAIN) {
        drain();
      } else {
        barrier(barrier);
      }
    } else if (element instanceof Element.Split split) {
      add(split.split());
    } else if (element instanceof Element.EndOfInput) {
      noMoreSplits();
    }
  }

  private void drain() {
    inbox.stopped(); // the enumerator gives nothing any more, not even its end
    boolean endsByItself;
    try {
      endsByItself = reader.drain();
    } catch (Exception | Error e) {
      throw head.failed(e);
    }
    if (endsByItself) {
      noMoreSplits = true;
      phase = Phase.READING;
    } else {
      task.endOfInput(); // what is not read yet stays in the reader's state
    }
  }

  private void noMoreSplits() {
    noMoreSplits = true;
    inbox.ended(0);
    try {
      reader.noMoreSplits();
    } catch (Exception | Error e) {
      throw head.failed(e);
    }
    if (phase == Phase.NEEDS_SPLIT) {
      phase = Phase.READING;
    }
  }

  private void add(Object split) {
    try {
      reader.process(split, 0);
    } catch (Exception | Error e) {
      throw head.failed(e);
    }
    phase = Phase.READING;
  }

  private int read(Clock now, int limit) {
    var clock = new SourceReader.ReadClock(now.monotonicMillis(), head.processingTimeMillis());
    SourceReader.Progress progress;
    try {
      progress = reader.poll(limit, clock);
      if (progress == SourceReader.Progress.WAITING) {
        nextPollMillis = reader.nextPollMillis(clock);
      }
    } catch (Exception | Error e) {
      throw head.failed(e);
    }
    switch (progress) {
      case MORE -> {
        return limit;
      }
      case WAITING -> phase = Phase.WAITING;
      case NEED_SPLIT -> needSplit();
    }
    return 1;
  }

  private void needSplit() {
    if (noMoreSplits) {
      task.endOfInput();
    } else {
      phase = Phase.NEEDS_SPLIT;
      inbox.request();
    }
  }

  private void barrier(Element.Barrier barrier) {
    if (inbox.barrier(barrier.checkpoint())) {
      task.cut(barrier);
    }
  }

  @Override
  public int takeBarriers() {
    Element element = inbox.poll();
    if (element instanceof Element.Barrier barrier) {
      if (barrier.purpose().kind() != Purpose.Kind.DRAIN) {
        barrier(barrier);
      }
    } else if (element instanceof Element.EndOfInput) {
      inbox.ended(0);
    }
    return element == null ? 0 : 1;
  }

  @Override
  public void stopped() {
    inbox.stopped();
  }

  @Override
  public void settle(long checkpoint) {
    inbox.settle(checkpoint);
  }

  @Override
  public long wakeAtMillis() {
    return phase == Phase.WAITING ? nextPollMillis : Long.MAX_VALUE;
  }
}
