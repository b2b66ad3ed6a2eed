package io.millrace.examples;

import io.millrace.api.DataStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.List;

/**
 * Follows the states of machines by the signals they send, and raises an alert for each signal that
 * should not come in the state that its machine is in: {@code machine <n> was <state> when <signal>
 * came}.
 *
 * <p>{@code [--output <directory>] [--count <signals>] [--machines <number>]}
 */
public final class StateMachine {
  public static void main(String[] words) throws Exception {
    var arguments =
        new Arguments(
            "[--output <directory>] [--count <signals>] [--machines <number>]",
            List.of("output", "count", "machines"),
            words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    long machines = arguments.number("machines", 10);
    DataStream<String> alerts =
        env.fromGenerator(n -> event(n, machines), arguments.number("count", 10_000), 5_000)
            .uid("signals")
            .keyBy(Event::machine)
            .process(new Follow())
            .uid("alerts");
    if (arguments.has("output")) {
      alerts.writeAsText(arguments.text("output"));
    } else {
      alerts.print();
    }
    env.execute("State machine");
  }

  /** What machines say. */
  enum Signal {
    SWITCHED_ON,
    STARTED,
    STOPPED,
    FAILED,
    REPAIRED
  }

  /** What state a machine is in, and where signals lead from there. */
  enum State {
    OFF,
    READY,
    RUNNING,
    BROKEN;

    /** Null if the signal should not come. */
    State next(Signal signal) {
      return switch (signal) {
        case SWITCHED_ON -> this == OFF ? READY : null;
        case STARTED -> this == READY ? RUNNING : null;
        case STOPPED -> this == RUNNING ? READY : null;
        case FAILED -> this == RUNNING ? BROKEN : null;
        case REPAIRED -> this == BROKEN ? OFF : null;
      };
    }
  }

  /** A signal of a machine. */
  record Event(long machine, Signal signal) {}

  /** Machines go through all their states again and again; each twentieth signal is garbled. */
  private static Event event(long n, long machines) {
    long turn = n / machines;
    Signal[] cycle = {
      Signal.SWITCHED_ON,
      Signal.STARTED,
      Signal.STOPPED,
      Signal.STARTED,
      Signal.FAILED,
      Signal.REPAIRED
    };
    boolean garbled = turn % 20 == 19;
    return new Event(n % machines, garbled ? Signal.REPAIRED : cycle[(int) (turn % 6)]);
  }

  /** Keeps the state of each machine. */
  static final class Follow extends KeyedProcessFunction<Long, Event, String> {
    private transient ValueState<State> state;

    @Override
    public void open(OpenContext context) {
      state = getRuntimeContext().getState(new ValueStateDescriptor<>("state", State.class));
    }

    @Override
    public void processElement(Event event, Context context, Collector<String> out)
        throws Exception {
      State now = state.value() == null ? State.OFF : state.value();
      State next = now.next(event.signal());
      if (next == null) {
        out.collect(
            "machine " + event.machine() + " was " + now + " when " + event.signal() + " came");
      } else {
        state.update(next);
      }
    }
  }

  private StateMachine() {}
}
