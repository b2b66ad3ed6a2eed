package io.millrace.it;

import java.nio.file.Path;

/** The Hadoop versions that a cluster can run, each with its own folders of jars. */
enum HadoopVersion {
  /** The one we build with; clients and containers get its shaded client. */
  BUILT_WITH("hadoop/target/daemons-", "hadoop/target/client-", "millrace.hadoop.version"),
  /** Another one, whole and unshaded, with its old copies of libraries that we have too. */
  OTHER("hadoop-other/target/full-", "hadoop-other/target/full-", "millrace.hadoop.other.version");

  private final String daemons;
  private final String clients;
  private final String versionProperty;

  HadoopVersion(String daemons, String clients, String versionProperty) {
    this.daemons = daemons;
    this.clients = clients;
    this.versionProperty = versionProperty;
  }

  /** Folder of the jars that the daemons run on. */
  Path daemonJars() {
    return folder(daemons);
  }

  /** Folder of the jars that clients and containers get. */
  Path clientJars() {
    return folder(clients);
  }

  private Path folder(String start) {
    String version = System.getProperty(versionProperty);
    if (version == null) {
      throw new IllegalStateException(
          "the system property " + versionProperty + " is missing; the build sets it");
    }
    return Repository.built(Repository.root().resolve("it-yarn").resolve(start + version));
  }
}
