package io.millrace.benchmarks.yarn;

import io.millrace.api.StreamExecutionEnvironment;
import io.millrace.api.connector.Sink;
import io.millrace.api.connector.SinkWriter;
import io.millrace.benchmarks.workloads.Arrival;

/** A job whose first record is awaited: how many records, and what {@link Arrival} is to write. */
public final class FirstRecord {
  public static void main(String[] words) throws Exception {
    long records = Long.parseLong(words[0]);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    env.<Long>fromGenerator(number -> number, records, Double.POSITIVE_INFINITY)
        .keyBy(number -> number % 100)
        .map(number -> number + 1)
        .sinkTo(new Noted(words[1], records));
    env.execute("first record");
  }

  private record Noted(String name, long records) implements Sink<Long> {
    @Override
    public SinkWriter<Long> writer(WriterContext context) {
      var arrival = new Arrival(name, records);
      return (value, timestamp) -> arrival.add();
    }
  }

  private FirstRecord() {}
}
