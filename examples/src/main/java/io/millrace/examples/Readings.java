package io.millrace.examples;

import io.millrace.api.BroadcastStream;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.function.Collector;
import io.millrace.api.function.KeyedBroadcastProcessFunction;
import io.millrace.api.function.OpenContext;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import io.millrace.api.state.MapStateDescriptor;
import io.millrace.api.state.ValueState;
import io.millrace.api.state.ValueStateDescriptor;
import java.util.List;

/**
 * Tells which sensors went beyond their limits: one line {@code <sensor> <highest> > <limit>} for
 * each of them. Readings and limits are lines {@code <sensor> <number>}; lines that are no reading
 * are written to a directory of their own.
 *
 * <p>{@code --readings <files> --limits <files> --output <directory> --rejected <directory>}
 */
public final class Readings {
  private static final String USAGE =
      "--readings <files> --limits <files> --output <directory> --rejected <directory>";

  private static final OutputTag<String> REJECTED = new OutputTag<>("rejected") {};
  private static final MapStateDescriptor<String, Double> LIMITS =
      new MapStateDescriptor<>("limits", String.class, Double.class);

  record Reading(String sensor, double value) {}

  public static void main(String[] words) throws Exception {
    var arguments =
        new Arguments(USAGE, List.of("readings", "limits", "output", "rejected"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    var readings =
        env.readTextFile(arguments.text("readings"))
            .uid("readings")
            .process(new Parse())
            .uid("parse");
    readings.getSideOutput(REJECTED).writeAsText(arguments.text("rejected")).uid("rejected");

    BroadcastStream<String> limits =
        env.readTextFile(arguments.text("limits")).uid("limits").broadcast(LIMITS);
    readings
        .keyBy(Reading::sensor)
        .connect(limits)
        .process(new Exceeded())
        .uid("exceeded")
        .writeAsText(arguments.text("output"))
        .uid("alerts");
    env.execute("Readings");
  }

  /** Lines that are no reading go out at the side. */
  static final class Parse extends ProcessFunction<String, Reading> {
    @Override
    public void processElement(String line, Context context, Collector<Reading> out) {
      String[] words = line.split(" ");
      try {
        out.collect(new Reading(words[0], Double.parseDouble(words[1])));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        context.output(REJECTED, line);
      }
    }
  }

  /** Compares the highest reading of each sensor with its limit, once both streams have ended. */
  static final class Exceeded
      extends KeyedBroadcastProcessFunction<String, Reading, String, String> {
    private transient ValueState<Double> highest;

    @Override
    public void open(OpenContext context) {
      highest = getRuntimeContext().getState(new ValueStateDescriptor<>("highest", Double.class));
    }

    @Override
    public void processElement(Reading reading, ReadOnlyContext context, Collector<String> out) {
      Double before = highest.value();
      highest.update(before == null ? reading.value() : Math.max(before, reading.value()));
      context.timerService().registerEventTimeTimer(Long.MAX_VALUE);
    }

    @Override
    public void processBroadcastElement(String line, Context context, Collector<String> out) {
      String[] words = line.split(" ");
      context.getBroadcastState(LIMITS).put(words[0], Double.valueOf(words[1]));
    }

    @Override
    public void onTimer(long time, OnTimerContext context, Collector<String> out) {
      Double limit = context.getBroadcastState(LIMITS).get(context.getCurrentKey());
      if (limit != null && highest.value() > limit) {
        out.collect(context.getCurrentKey() + " " + highest.value() + " > " + limit);
      }
    }
  }

  private Readings() {}
}
