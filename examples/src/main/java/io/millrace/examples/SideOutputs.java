package io.millrace.examples;

import io.millrace.api.DataStream;
import io.millrace.api.SingleOutputStreamOperator;
import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.executor.JobClient;
import io.millrace.api.function.Collector;
import io.millrace.api.function.OutputTag;
import io.millrace.api.function.ProcessFunction;
import java.util.List;

/**
 * Sums of numbers per sensor; lines that are none are put aside and counted. Lines are {@code
 * <sensor> <number>}.
 *
 * <p>{@code [--output <directory>]}
 */
public final class SideOutputs {
  private static final OutputTag<String> REJECTED = new OutputTag<>("rejected") {};

  public static void main(String[] words) throws Exception {
    var arguments = new Arguments("[--output <directory>]", List.of("output"), words);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    SingleOutputStreamOperator<Value> values =
        env.fromElements("a 1", "b 2", "a 3", "c", "a x", "b 5").process(new Parse()).uid("parse");
    DataStream<String> rejected = values.getSideOutput(REJECTED);
    DataStream<String> sums =
        values.keyBy(Value::sensor).sum("number").uid("sums").map(Value::toString);
    if (arguments.has("output")) {
      sums.writeAsText(arguments.text("output") + "/sums");
      rejected.writeAsText(arguments.text("output") + "/rejected");
    } else {
      sums.print();
      rejected.print("rejected");
    }
    JobClient.Result result = env.execute("Side outputs");
    System.out.println("Rejected lines: " + result.getAccumulatorResult("rejected"));
  }

  /** What a sensor said. */
  record Value(String sensor, long number) {}

  /** Makes values of lines. */
  static final class Parse extends ProcessFunction<String, Value> {
    @Override
    public void processElement(String line, Context context, Collector<Value> out) {
      String[] words = line.split(" ");
      if (words.length == 2 && words[1].matches("-?\\d{1,18}")) {
        out.collect(new Value(words[0], Long.parseLong(words[1])));
      } else {
        context.output(REJECTED, line);
        getRuntimeContext().getLongCounter("rejected").add(1);
      }
    }
  }

  private SideOutputs() {}
}
