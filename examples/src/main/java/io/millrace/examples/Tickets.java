package io.millrace.examples;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.CheckpointedFunction;
import io.millrace.api.function.FunctionInitializationContext;
import io.millrace.api.function.FunctionSnapshotContext;
import io.millrace.api.function.SourceFunction;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import java.util.List;

/**
 * A source in a loop of its own: draws tickets with the numbers from 1 on, each once whatever
 * fails.
 *
 * <p>{@code --output <directory> --count <tickets>}
 */
public final class Tickets {
  public static void main(String[] words) throws Exception {
    var arguments =
        new Arguments("--output <directory> --count <tickets>", List.of("output", "count"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.addSource(new Drawing(arguments.number("count", 1)), "drawing")
        .uid("drawing")
        .map(number -> "ticket " + number)
        .uid("texts")
        .writeAsText(arguments.text("output"))
        .uid("lines");
    env.execute("Tickets");
  }

  static final class Drawing implements SourceFunction<Long>, CheckpointedFunction {
    private final long count;
    private transient ListState<Long> kept;
    private transient long drawn;
    private volatile boolean cancelled;

    Drawing(long count) {
      this.count = count;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
      var descriptor = new ListStateDescriptor<>("drawn", Long.class);
      kept = context.getOperatorStateStore().getListState(descriptor);
      for (long each : kept.get()) {
        drawn = each;
      }
    }

    @Override
    public void run(SourceContext<Long> context) {
      while (!cancelled && drawn < count) {
        synchronized (context.getCheckpointLock()) {
          drawn++;
          context.collect(drawn);
        }
      }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
      kept.update(List.of(drawn));
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private Tickets() {}
}
