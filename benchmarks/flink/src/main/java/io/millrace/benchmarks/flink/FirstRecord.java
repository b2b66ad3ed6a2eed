package io.millrace.benchmarks.flink;

import io.millrace.benchmarks.workloads.Arrival;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job whose first record is awaited: how many records, and what {@link Arrival} is to write. */
public final class FirstRecord {
  public static void main(String[] words) throws Exception {
    long records = Long.parseLong(words[0]);
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(1);
    env.fromSequence(0, records - 1)
        .keyBy(number -> number % 100)
        .map(number -> number + 1)
        .sinkTo(new Noted(words[1], records));
    env.execute("first record");
  }

  private record Noted(String name, long records) implements Sink<Long> {
    @Override
    public SinkWriter<Long> createWriter(WriterInitContext context) {
      return new Writer(new Arrival(name, records));
    }
  }

  private record Writer(Arrival arrival) implements SinkWriter<Long> {
    @Override
    public void write(Long value, Context context) throws IOException {
      arrival.add();
    }

    @Override
    public void flush(boolean endOfInput) {}

    @Override
    public void close() {}
  }

  private FirstRecord() {}
}
