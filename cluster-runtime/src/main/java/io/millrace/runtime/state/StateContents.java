package io.millrace.runtime.state;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What written state under keys holds, found out from its parts without reading a value. */
public final class StateContents {
  /** In place of a number. */
  public static final long UNKNOWN = -1;

  private final Map<Content, Sum> sums = new LinkedHashMap<>();

  /** How the values of a state are kept. */
  public enum Kind {
    VALUE,
    LIST,
    MAP,
    TIMERS;

    private static Kind of(byte code) {
      int number = code & ~StateKind.TIMED;
      if (number < 1 || number > values().length) {
        throw new CorruptDataException("state of unknown kind " + code);
      }
      return values()[number - 1];
    }
  }

  /**
   * A state. Of one name there are several if it was written by several versions of a program and
   * nobody has asked for it since.
   *
   * @param types as they are called
   * @param shape of what it holds
   * @param keyShape of the keys that it is under
   * @param expires whether its values have a time to live
   * @param keys how many keys have some of it; {@link #UNKNOWN} if it has stayed in files
   * @param bytes what it takes, in files roughly; or the same
   */
  public record Content(
      String name,
      Kind kind,
      String types,
      Shape shape,
      Shape keyShape,
      boolean expires,
      long keys,
      long bytes) {}

  private static final class Sum {
    private long keys;
    private long bytes;
  }

  /**
   * Counts what one part holds.
   *
   * @throws CorruptDataException if it is none
   */
  public void add(byte[] part) {
    Portable.describe(
        new DataReader(part),
        new Portable.Census() {
          private Sum sum;

          @Override
          public void state(String name, Portable.Block block) {
            sum = sums.computeIfAbsent(content(name, block), each -> new Sum());
          }

          @Override
          public void block(String state, Portable.Block block, int keys, int bytes) {
            sum.keys += keys;
            sum.bytes += bytes;
          }
        });
  }

  /** Tells of files of rows what is known of them; how many keys have each state is not. */
  public void addHead(byte[] head) {
    RowHead rows = RowHead.read(head);
    var times = new StateKind.Times();
    rows.timers()
        .forEach(
            (domain, bytes) ->
                inFiles(
                    content(
                        Portable.TIMERS + domain.name(),
                        new Portable.Block(
                            times.code(), times.types(), times.shape(), rows.keys(), -1, -1)),
                    bytes));
    rows.tables().forEach(each -> inFiles(content(each.name(), each.holds()), each.bytes()));
    rows.setAside().forEach(named -> inFiles(content(named.state(), named.block()), UNKNOWN));
  }

  private void inFiles(Content content, long bytes) {
    Sum sum = sums.computeIfAbsent(content, each -> new Sum());
    sum.keys = UNKNOWN;
    sum.bytes = bytes == UNKNOWN || sum.bytes == UNKNOWN ? UNKNOWN : sum.bytes + bytes;
  }

  private static Content content(String name, Portable.Block block) {
    byte kind = RawRows.plain(block).kind();
    return new Content(
        name,
        Kind.of(kind),
        block.types(),
        block.shape(),
        block.keys(),
        (kind & StateKind.TIMED) != 0,
        0,
        0);
  }

  /** All states, empty ones too. */
  public List<Content> states() {
    var states = new ArrayList<Content>();
    sums.forEach(
        (one, sum) ->
            states.add(
                new Content(
                    one.name,
                    one.kind,
                    one.types,
                    one.shape,
                    one.keyShape,
                    one.expires,
                    sum.keys,
                    sum.bytes)));
    return states;
  }
}
