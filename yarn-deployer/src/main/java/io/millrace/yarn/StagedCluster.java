package io.millrace.yarn;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the client leaves for the ApplicationMaster: what every container of the cluster needs, and
 * the job that it is started for.
 *
 * @param configuration of the cluster, and of its job: file and command line
 * @param job the only one that the cluster runs; empty for a session, which is given its jobs later
 * @param files for every container
 * @param classPath of every container, as YARN's launch script reads it
 * @param user in whose name the containers work with Hadoop
 */
record StagedCluster(
    Map<String, String> configuration,
    Optional<JobSpec> job,
    List<StagedFile> files,
    String classPath,
    String user) {
  /** Name of the file in the staging directory. */
  static final String FILE = "cluster";

  private static final int MAGIC = 0x4d524331; // "MRC1"

  StagedCluster {
    configuration = Map.copyOf(configuration);
    files = List.copyOf(files);
  }

  byte[] toBytes() {
    var body = new DataWriter(4096);
    Serializers.of(StagedCluster.class).write(this, body);
    byte[] bytes = body.toByteArray();
    var file = new DataWriter(bytes.length + 16);
    file.writeInt(MAGIC);
    file.writeInt(crc(bytes));
    file.writeByteArray(bytes);
    return file.toByteArray();
  }

  static StagedCluster fromBytes(byte[] file) throws IOException {
    try {
      var in = new DataReader(file);
      if (in.readInt() != MAGIC) {
        throw new IOException("this is not a staged cluster");
      }
      int crc = in.readInt();
      byte[] bytes = in.readByteArray();
      if (crc != crc(bytes)) {
        throw new IOException("the staged cluster is damaged: its CRC32C differs");
      }
      return Serializers.of(StagedCluster.class).read(new DataReader(bytes));
    } catch (CorruptDataException e) {
      throw new IOException("the staged cluster is damaged: " + e.getMessage(), e);
    }
  }

  private static int crc(byte[] bytes) {
    var crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
