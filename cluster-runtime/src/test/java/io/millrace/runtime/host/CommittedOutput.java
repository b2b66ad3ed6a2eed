package io.millrace.runtime.host;

import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A sink that shows only what was committed: each committable is a transaction with a name of its
 * own, and committing it twice changes nothing.
 */
public record CommittedOutput(String name) implements Sink<String> {
  private static final ConcurrentSkipListMap<String, String> COMMITTED =
      new ConcurrentSkipListMap<>();

  /** All records that are visible under the name, in no order that matters. */
  public List<String> records() {
    var records = new ArrayList<String>();
    COMMITTED
        .tailMap(name + "/")
        .forEach(
            (transaction, lines) -> {
              if (transaction.startsWith(name + "/")) {
                records.addAll(lines.lines().toList());
              }
            });
    return records;
  }

  /** The checkpoints with which something became visible under the name. */
  public TreeSet<Long> checkpoints() {
    var checkpoints = new TreeSet<Long>();
    for (String transaction : COMMITTED.tailMap(name + "/").keySet()) {
      if (transaction.startsWith(name + "/")) {
        checkpoints.add(Long.parseLong(transaction.substring(transaction.lastIndexOf('-') + 1)));
      }
    }
    return checkpoints;
  }

  @Override
  public SinkWriter<String> writer(WriterContext context) {
    return new Writer(name + "/" + context.attempt() + "-" + context.subtask());
  }

  @Override
  public void commit(Scope scope, List<byte[]> committables) {
    for (byte[] each : committables) {
      String text = new String(each, StandardCharsets.UTF_8);
      int end = text.indexOf('\n');
      COMMITTED.putIfAbsent(text.substring(0, end), text.substring(end + 1));
    }
  }

  private static final class Writer implements SinkWriter<String> {
    private final String prefix;
    private StringBuilder lines = new StringBuilder();

    Writer(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public void write(String value, long timestamp) {
      lines.append(value).append('\n');
    }

    @Override
    public Callable<List<byte[]>> prepare(long checkpoint) {
      if (lines.length() == 0) {
        return List::of;
      }
      String all = prefix + "-" + checkpoint + "\n" + lines;
      lines = new StringBuilder();
      return () -> List.of(all.getBytes(StandardCharsets.UTF_8));
    }
  }
}
