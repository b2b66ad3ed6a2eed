package io.millrace.yarn;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * What the client leaves for the ApplicationMaster: the job, and how to start TaskManagers.
 *
 * @param configuration of cluster and job: file and command line
 * @param files for every container
 * @param classPath of every container, as YARN's launch script reads it
 * @param user in whose name the containers work with Hadoop
 */
record StagedJob(
    Map<String, String> configuration,
    JobSpec spec,
    List<StagedFile> files,
    String classPath,
    String user) {
  /** Name of the file in the staging directory. */
  static final String FILE = "job";

  private static final int MAGIC = 0x4d524a31; // "MRJ1"

  StagedJob {
    configuration = Map.copyOf(configuration);
    files = List.copyOf(files);
  }

  byte[] toBytes() {
    var body = new DataWriter(4096);
    Serializers.of(StagedJob.class).write(this, body);
    byte[] bytes = body.toByteArray();
    var file = new DataWriter(bytes.length + 16);
    file.writeInt(MAGIC);
    file.writeInt(crc(bytes));
    file.writeByteArray(bytes);
    return file.toByteArray();
  }

  static StagedJob fromBytes(byte[] file) throws IOException {
    try {
      var in = new DataReader(file);
      if (in.readInt() != MAGIC) {
        throw new IOException("this is not a staged job");
      }
      int crc = in.readInt();
      byte[] bytes = in.readByteArray();
      if (crc != crc(bytes)) {
        throw new IOException("the staged job is damaged: its CRC32C differs");
      }
      return Serializers.of(StagedJob.class).read(new DataReader(bytes));
    } catch (CorruptDataException e) {
      throw new IOException("the staged job is damaged: " + e.getMessage(), e);
    }
  }

  private static int crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
