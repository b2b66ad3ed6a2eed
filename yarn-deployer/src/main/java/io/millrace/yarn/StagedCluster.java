package io.millrace.yarn;

import io.millrace.api.type.CorruptDataException;
import io.millrace.api.type.DataReader;
import io.millrace.api.type.DataWriter;
import io.millrace.api.type.Serializers;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What the client leaves for the ApplicationMaster: what every container of the cluster needs, and
 * what it is started for.
 *
 * @param configuration of the cluster, and of its job: file and command line
 * @param mode what it is started for
 * @param files for every container
 * @param classPath of every container, as YARN's launch script reads it
 * @param shared archives among the files
 * @param user in whose name the containers work with Hadoop
 */
record StagedCluster(
    Map<String, String> configuration,
    Mode mode,
    List<StagedFile> files,
    String classPath,
    SharedClasses shared,
    String user) {
  /** Name of the file in the staging directory. */
  static final String FILE = "cluster";

  private static final int MAGIC = 0x4d524333; // "MRC3"

  /** What a cluster is started for. */
  sealed interface Mode {}

  /** The only job that it runs. */
  record OneJob(JobSpec spec) implements Mode {}

  /** The jobs that it is given later. */
  record Session() implements Mode {}

  /**
   * A main() that runs in the ApplicationMaster, and the jobs that it submits. Its arguments may be
   * secrets: they stand here, which only the user can read, and in no command line or environment.
   *
   * @param jars of the program, in order, in the working directory of every container
   * @param mainClass empty for that of the first jar's manifest
   * @param restore where each of its jobs starts
   */
  record Application(
      List<JarRef> jars,
      Optional<String> mainClass,
      List<String> arguments,
      Optional<Restored> restore)
      implements Mode {
    Application {
      jars = List.copyOf(jars);
      arguments = List.copyOf(arguments);
    }

    /** So that no log has the arguments. */
    @Override
    public String toString() {
      return "main() of " + mainClass.orElse("the jar's main class");
    }
  }

  StagedCluster {
    configuration = Map.copyOf(configuration);
    files = List.copyOf(files);
  }

  /** The only job that it runs; empty if it outlives its jobs. */
  Optional<JobSpec> job() {
    return mode instanceof OneJob only ? Optional.of(only.spec()) : Optional.empty();
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
