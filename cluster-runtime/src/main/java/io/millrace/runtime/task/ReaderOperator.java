package io.millrace.runtime.task;

import io.millrace.api.connector.ReaderOutput;
import io.millrace.api.connector.Source;
import io.millrace.api.connector.SourceReader;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.Operator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.Timestamps;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializer;
import io.millrace.api.type.TypeInformation;
import java.util.ArrayList;

/** A reader in terms of an operator: its records are splits, its state is what is left of them. */
final class ReaderOperator implements Operator<Object, Object> {
  private final Source<Object, Object> source;
  private Serializer<Object> splits;
  private SourceReader<Object, Object> reader;
  private ReaderOutput<Object> records;

  ReaderOperator(Source<Object, Object> source) {
    this.source = source;
  }

  @Override
  public void open(OperatorContext context, Output<Object> output) throws Exception {
    splits = TypeInformation.of(source.splitType()).serializer(context.userClassLoader());
    records = new Records(output);
    reader =
        source.reader(
            new Source.ReaderContext(
                context.uid(),
                context.subtask(),
                context.parallelism(),
                context.userClassLoader()));
    for (byte[] entry : context.restored()) {
      reader.add(splits.read(new DataReader(entry, context.userClassLoader())));
    }
  }

  @Override
  public void process(Object split, long timestamp) throws Exception {
    reader.add(split);
  }

  SourceReader.Progress poll(int limit, SourceReader.ReadClock clock) throws Exception {
    return reader.poll(records, limit, clock);
  }

  long nextPollMillis(SourceReader.ReadClock clock) {
    return reader.nextPollMillis(clock);
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    var entries = new ArrayList<byte[]>();
    for (Object split : reader.snapshot()) {
      var out = new DataWriter();
      splits.write(split, out);
      entries.add(out.toByteArray());
    }
    return Frozen.of(entries);
  }

  @Override
  public void close() throws Exception {
    if (reader != null) {
      reader.close();
    }
  }

  private record Records(Output<Object> output) implements ReaderOutput<Object> {
    @Override
    public void collect(Object value) {
      output.collect(value, Timestamps.NONE);
    }

    @Override
    public void collect(Object value, long timestamp) {
      output.collect(value, timestamp);
    }

    @Override
    public void watermark(long watermark) {
      output.watermark(watermark);
    }
  }
}
