package io.millrace.cli;

import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.Rehearsal;
import io.millrace.yarn.HadoopRehearsal;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Does what a client does that submits a job, up to the submission, so that this JVM comes to load
 * the classes of a client; see {@link Rehearsal}.
 */
final class ClientRehearsal {
  public static void main(String[] arguments) throws Exception {
    var nobody = new PrintStream(OutputStream.nullOutputStream());
    var console = new Console(nobody, nobody, System.getenv());
    Main.run(List.of("run", "-h"), console);
    // Reads the configuration, then finds that there is no such file.
    Main.run(List.of("run", "-m", "yarn-cluster", "-p", "1", "absent.jar"), console);
    askHadoop(console);
    Rehearsal.run(ClusterIdentity.create("rehearsal"));
    System.exit(0);
  }

  /** There may be none on the class path, and the archive is made all the same. */
  private static void askHadoop(Console console) {
    try {
      new HadoopRehearsal(console.environment()).ofClient(Main.configurationFile(console));
    } catch (LinkageError e) {
      LoggerFactory.getLogger(ClientRehearsal.class).info("Without Hadoop: {}", e.toString());
    }
  }

  private ClientRehearsal() {}
}
