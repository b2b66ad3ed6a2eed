package io.millrace.benchmarks.jet;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.StreamSerializer;
import io.millrace.benchmarks.workloads.events.Result;
import java.io.IOException;

/** For results in snapshots. */
public final class ResultSerializer implements StreamSerializer<Result> {
  @Override
  public int getTypeId() {
    return 2;
  }

  @Override
  public void write(ObjectDataOutput out, Result result) throws IOException {
    out.writeLong(result.key);
    out.writeLong(result.from);
    out.writeLong(result.to);
    out.writeLong(result.value);
  }

  @Override
  public Result read(ObjectDataInput in) throws IOException {
    return new Result(in.readLong(), in.readLong(), in.readLong(), in.readLong());
  }
}
