package io.millrace.examples;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.connector.CommitConflictException;
import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.connector.SplitEnumerator;
import io.millrace.api.eventtime.WatermarkStrategy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Squares of numbers, with a source and a sink written here: what a connector of one's own needs to
 * lose nothing and to repeat nothing. All processes must see the output directory.
 *
 * <p>{@code --output <directory> [--count <numbers>] [--parallelism <n>]}
 */
public final class Squares {
  private static final String USAGE =
      "--output <directory> [--count <numbers>] [--parallelism <n>]";

  public static void main(String[] words) throws Exception {
    var arguments = new Arguments(USAGE, List.of("output", "count", "parallelism"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    if (arguments.has("parallelism")) {
      env.setParallelism((int) arguments.number("parallelism", 1));
    }
    var numbers = new Numbers(arguments.number("count", 10_000));
    env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
        .uid("numbers")
        .map(number -> number + " " + number * number)
        .uid("squares")
        .sinkTo(new Shelf(arguments.text("output")))
        .uid("shelf");
    env.execute("Squares");
  }

  /** The numbers from 1 to a limit. */
  record Numbers(long limit) implements Source<Long, Piece> {
    @Override
    public boolean bounded() {
      return true;
    }

    @Override
    public Class<Piece> splitType() {
      return Piece.class;
    }

    @Override
    public SplitEnumerator<Piece> enumerator(EnumeratorContext context, Optional<byte[]> restored) {
      return new Pieces(restored.map(bytes -> ByteBuffer.wrap(bytes).getLong()).orElse(1L), limit);
    }

    @Override
    public SourceReader<Long, Piece> reader(ReaderContext context) {
      return new PieceReader();
    }
  }

  /** A split: numbers that are still to be read, both ends included. */
  record Piece(long next, long last) {}

  /** Hands out a hundred numbers at a time. */
  static final class Pieces implements SplitEnumerator<Piece> {
    private long next;
    private final long limit;

    Pieces(long next, long limit) {
      this.next = next;
      this.limit = limit;
    }

    @Override
    public Optional<Piece> next(int reader) {
      if (next > limit) {
        return Optional.empty();
      }
      var piece = new Piece(next, Math.min(limit, next + 99));
      next = piece.last() + 1;
      return Optional.of(piece);
    }

    @Override
    public boolean finishedFor(int reader) {
      return next > limit;
    }

    @Override
    public byte[] snapshot() {
      return ByteBuffer.allocate(Long.BYTES).putLong(next).array();
    }
  }

  /** Reads pieces; what is left of them is its snapshot. */
  static final class PieceReader implements SourceReader<Long, Piece> {
    private final ArrayDeque<Piece> pieces = new ArrayDeque<>();

    @Override
    public void add(Piece piece) {
      pieces.add(piece);
    }

    @Override
    public Progress poll(ReaderOutput<Long> output, int limit, ReadClock clock) {
      Piece piece = pieces.poll();
      if (piece == null) {
        return Progress.NEED_SPLIT;
      }
      long end = Math.min(piece.last(), piece.next() + limit - 1);
      for (long number = piece.next(); number <= end; number++) {
        output.collect(number);
      }
      if (end < piece.last()) {
        pieces.addFirst(new Piece(end + 1, piece.last()));
      }
      return Progress.MORE;
    }

    @Override
    public List<Piece> snapshot() {
      return List.copyOf(pieces);
    }
  }

  /** Lines in files of a directory, shown when the checkpoint that covers them is durable. */
  record Shelf(String directory) implements Sink<String> {
    @Override
    public void acquire(Scope scope) throws IOException {
      Files.createDirectories(waiting(scope));
    }

    @Override
    public SinkWriter<String> writer(WriterContext context) {
      return new ShelfWriter(waiting(context.scope()), context.attempt());
    }

    @Override
    public void commit(Scope scope, List<byte[]> committables) throws Exception {
      for (byte[] committable : committables) {
        Path from = Path.of(directory, new String(committable, StandardCharsets.UTF_8));
        Path to = Path.of(directory, "part-" + from.getFileName());
        if (Files.exists(from)) {
          Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } else if (!Files.exists(to)) {
          throw new CommitConflictException(
              "neither " + from + " nor " + to + " exists; was it deleted?");
        }
      }
    }

    @Override
    public void settle(Scope scope, boolean finished) throws IOException {
      Path waiting = waiting(scope);
      if (Files.exists(waiting)) {
        try (var files = Files.newDirectoryStream(waiting)) {
          for (Path file : files) {
            Files.delete(file);
          }
        }
        Files.delete(waiting);
      }
    }

    private Path waiting(Scope scope) {
      return Path.of(directory, ".waiting-" + scope.job());
    }
  }

  /** Keeps lines until a barrier cuts them off. */
  static final class ShelfWriter implements SinkWriter<String> {
    private final Path waiting;
    private final String attempt;
    private List<String> lines = new ArrayList<>();

    ShelfWriter(Path waiting, String attempt) {
      this.waiting = waiting;
      this.attempt = attempt;
    }

    @Override
    public void write(String line, long timestamp) {
      lines.add(line);
    }

    @Override
    public Callable<List<byte[]>> prepare(long checkpoint) {
      List<String> cut = lines;
      lines = new ArrayList<>();
      if (cut.isEmpty()) {
        return List::of;
      }
      Path file = waiting.resolve(attempt + "-" + checkpoint);
      return () -> {
        Files.write(file, cut);
        String name = waiting.getFileName() + "/" + file.getFileName();
        return List.of(name.getBytes(StandardCharsets.UTF_8));
      };
    }
  }

  private Squares() {}
}
