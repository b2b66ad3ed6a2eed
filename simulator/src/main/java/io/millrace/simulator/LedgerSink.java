package io.millrace.simulator;

import io.millrace.api.connector.RetryLaterException;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Writes records, as lines, to the {@link Ledger}, exactly once.
 *
 * @param alone whether it must be its only writer
 */
record LedgerSink<T>(boolean alone) implements Sink<T> {
  LedgerSink() {
    this(false);
  }

  @Override
  public boolean needsExclusiveWriter() {
    return alone;
  }

  @Override
  public void acquire(Scope scope) throws Exception {
    LedgerLoader.ledgerOf(scope.userClassLoader()).acquire(scope.lineage());
  }

  @Override
  public long resume(Scope scope, long checkpoint) throws Exception {
    return LedgerLoader.ledgerOf(scope.userClassLoader()).resume(scope.uid(), checkpoint);
  }

  @Override
  public SinkWriter<T> writer(WriterContext context) {
    Ledger ledger = LedgerLoader.ledgerOf(context.scope().userClassLoader());
    String writer = context.scope().uid() + "-" + context.attempt();
    if (alone) {
      ledger.opened(writer);
    }
    return new Writer<>(ledger, writer, alone);
  }

  @Override
  public void commit(Scope scope, List<byte[]> committables) throws Exception {
    Ledger ledger = LedgerLoader.ledgerOf(scope.userClassLoader());
    for (byte[] committable : committables) {
      ledger.commit(new String(committable, StandardCharsets.UTF_8));
    }
  }

  @Override
  public void rollback(Scope scope, long after, long upTo, List<byte[]> kept) throws Exception {
    LedgerLoader.ledgerOf(scope.userClassLoader())
        .rollback(
            scope.uid(),
            after,
            upTo,
            kept.stream().map(name -> new String(name, StandardCharsets.UTF_8)).toList());
  }

  @Override
  public void settle(Scope scope, boolean finished) throws Exception {
    LedgerLoader.ledgerOf(scope.userClassLoader()).settle();
  }

  private static final class Writer<T> implements SinkWriter<T> {
    private final Ledger ledger;
    private final String prefix;
    private final boolean alone;
    private List<String> lines = new ArrayList<>();
    private int pieces;

    /** All that was cut and not taken back. */
    private final ArrayDeque<Cut> cuts = new ArrayDeque<>();

    private record Cut(long checkpoint, List<String> lines) {}

    Writer(Ledger ledger, String prefix, boolean alone) {
      this.ledger = ledger;
      this.prefix = prefix;
      this.alone = alone;
    }

    @Override
    public void write(T value, long timestamp) {
      if (alone) {
        ledger.writes(prefix);
      }
      lines.add(String.valueOf(value));
    }

    @Override
    public Callable<List<byte[]>> prepare(long checkpoint) {
      if (ledger.failsNow("a snapshot", 20)) {
        throw new IllegalArgumentException("a failure that the simulator asked for");
      }
      List<String> cut = lines;
      lines = new ArrayList<>();
      cuts.add(new Cut(checkpoint, cut));
      if (cut.isEmpty()) {
        return List::of;
      }
      String name = prefix + "-" + pieces++ + Ledger.cutFor(checkpoint);
      boolean patient = checkpoint % 2 == 0;
      return () -> {
        try {
          ledger.flush(name, cut);
        } catch (IOException e) {
          throw patient ? new RetryLaterException("later: " + e.getMessage(), e) : e;
        }
        return List.of(name.getBytes(StandardCharsets.UTF_8));
      };
    }

    /** Those of every third checkpoint are left to be flushed by themselves. */
    @Override
    public boolean recall(long checkpoint) {
      if (cuts.getLast().checkpoint() != checkpoint) {
        throw ledger.spoilt("not the newest cut is taken back, but that of " + checkpoint);
      }
      if (checkpoint % 3 == 0) {
        return false;
      }
      ledger.recalls();
      var all = new ArrayList<>(cuts.removeLast().lines());
      all.addAll(lines);
      lines = all;
      return true;
    }
  }
}
