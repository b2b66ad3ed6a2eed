package io.millrace.yarn;

import io.millrace.runtime.host.ClusterIdentity;
import io.millrace.runtime.host.Rehearsal;
import org.apache.hadoop.fs.Path;

/**
 * Does what the processes of a cluster do while they start, with Hadoop as well, so that this JVM
 * comes to load their classes.
 */
final class ContainerRehearsal {
  /**
   * @param arguments a folder for a file that goes at once; standard input holds the bytes of an
   *     identity
   */
  public static void main(String[] arguments) throws Exception {
    byte[] identity = System.in.readAllBytes();
    Rehearsal.run(ClusterIdentity.fromBytes(identity));
    new HadoopRehearsal(System.getenv()).ofContainer(new Path(arguments[0]));
    System.exit(0);
  }

  private ContainerRehearsal() {}
}
