package io.millrace.hdfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.ClaimedJob;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.FindHigherClaim;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.checkpoint.Written;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Folders of a job that may not be read or written for a while. Nobody may take that for what they
 * would find if they might look: that the epoch is sealed, or that the claim has gone.
 */
class WithdrawnPermissionTest {
  private static final Epoch FIRST = new Epoch(1, 1);
  private static final Epoch SECOND = new Epoch(2, 1);

  @TempDir static Path folder;
  private static SmallCluster cluster;
  private static int jobs;

  private org.apache.hadoop.fs.Path directory;
  private DurableNames names;

  @BeforeAll
  static void start() throws IOException {
    cluster = new SmallCluster(folder);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** Of somebody who is not the user that runs the NameNode, to whom permissions mean nothing. */
  @BeforeEach
  void aClaimedJob() throws Exception {
    var home = cluster.at("/home/owner");
    cluster.files().mkdirs(home);
    cluster.files().setOwner(home, "owner", "owners");
    directory = new org.apache.hadoop.fs.Path(home, "job-" + ++jobs);
    names =
        UserGroupInformation.createUserForTesting("owner", new String[] {"owners"})
            .doAs(
                (PrivilegedExceptionAction<DurableNames>)
                    () -> new HdfsNames(directory, cluster.conf()));
    claim(FIRST);
    assertThat(write(1)).isEqualTo(new Step.Done<>(done(1)));
  }

  @ParameterizedTest
  @CsvSource({
    "'', 000",
    "epochs, 000",
    "epochs/00001-0000001, 000",
    "epochs/00001-0000001, 500",
    "tmp, 000",
    "tmp, 500",
  })
  void whatCannotBeWrittenFailsAndGoesOnOnceItCan(String where, String permission)
      throws IOException {
    permit(where, permission);
    assertThat(write(2)).isInstanceOf(Step.Failed.class);

    permit(where, "700");
    assertThat(write(3)).isEqualTo(new Step.Done<>(done(3)));
    assertThat(claim(SECOND).damaged()).isEmpty();
  }

  @Test
  void aClaimsFolderThatMayNotBeReadSaysNothing() throws IOException {
    for (String where : List.of("", "claims")) {
      permit(where, "000");
      assertThat(Procedure.run(new FindHigherClaim(FIRST), names)).isInstanceOf(Step.Failed.class);
      assertThat(Procedure.run(Claim.ofJob(SECOND, "other", 0, Optional.empty()), names))
          .isInstanceOf(Step.Failed.class);
      permit(where, "700");
    }
    assertThat(Procedure.run(new FindHigherClaim(FIRST), names))
        .isEqualTo(new Step.Done<>(new FindHigherClaim.Highest()));
    assertThat(claim(SECOND).newest()).isPresent();
  }

  private void permit(String where, String permission) throws IOException {
    var path = where.isEmpty() ? directory : new org.apache.hadoop.fs.Path(directory, where);
    cluster.files().setPermission(path, new FsPermission(permission));
  }

  private ClaimedJob claim(Epoch epoch) {
    var step = Procedure.run(Claim.ofJob(epoch, "test", 0, Optional.empty()), names);
    return ((Claim.Claimed<ClaimedJob>) ((Step.Done<Claim.Result<ClaimedJob>>) step).result())
        .inherited();
  }

  private Step<Written> write(long checkpoint) {
    var manifest =
        new Manifest(
            new JobId("0".repeat(32)),
            "0123456789abcdef",
            FIRST,
            1,
            checkpoint,
            0,
            false,
            List.of());
    return Procedure.run(WriteFact.manifest(FIRST, manifest, checkpoint), names);
  }

  private static Written done(long checkpoint) {
    return new Written(Written.Verdict.DONE, JobDirectory.manifestFile(FIRST, checkpoint));
  }
}
