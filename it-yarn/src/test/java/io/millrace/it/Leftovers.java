package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

/** What must be gone once an application has ended. */
final class Leftovers {
  private static final Duration SOON = Duration.ofSeconds(20);

  private Leftovers() {}

  /** No process, no staging directory, nothing that waits in the output directory. */
  static void assertNone(Cluster cluster, String applicationId, String output) throws Exception {
    cluster.awaitNoProcess(applicationId, SOON);
    assertNoStaging(cluster, applicationId);
    assertNothingPending(cluster, output);
  }

  static void assertNoStaging(Cluster cluster, String applicationId) throws Exception {
    assertThat(cluster.hdfs().exists(staging(cluster, applicationId))).isFalse();
  }

  static String staging(Cluster cluster, String applicationId) {
    return cluster.hdfs().home() + "/.millrace/" + applicationId;
  }

  static void assertNothingPending(Cluster cluster, String output) throws Exception {
    assertThat(cluster.hdfs().allFiles(output + "/_millrace")).isEmpty();
  }
}
