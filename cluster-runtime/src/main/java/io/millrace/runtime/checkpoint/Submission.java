package io.millrace.runtime.checkpoint;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.protocol.JobSpec;

/**
 * A job as it was given to a cluster that outlives it.
 *
 * @param number higher than that of every job that the cluster was given before
 */
public record Submission(long number, JobSpec spec) implements Fact {
  byte[] specBytes() {
    var out = new DataWriter(4096);
    Serializers.of(JobSpec.class).write(spec, out);
    return out.toByteArray();
  }

  static Submission of(long number, byte[] spec) throws CorruptDataException {
    return new Submission(number, Serializers.of(JobSpec.class).read(new DataReader(spec)));
  }
}
