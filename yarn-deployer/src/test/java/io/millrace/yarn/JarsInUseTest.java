package io.millrace.yarn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.config.Configuration;
import io.millrace.api.graph.CachedFile;
import io.millrace.api.graph.JobGraph;
import io.millrace.api.graph.UserCode;
import io.millrace.api.graph.Vertex;
import io.millrace.api.graph.Vertex.Role;
import io.millrace.hdfs.FileTransfer;
import io.millrace.hdfs.HdfsOrigin;
import io.millrace.hdfs.JarStore;
import io.millrace.runtime.checkpoint.Claim;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.Submission;
import io.millrace.runtime.checkpoint.WriteFact;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.protocolrecords.GetNewApplicationResponse;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ApplicationSubmissionContext;
import org.apache.hadoop.yarn.client.api.YarnClientApplication;
import org.apache.hadoop.yarn.client.api.impl.YarnClientImpl;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.util.Records;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A submission removes old jars, but none that a staged application may start containers from. */
class JarsInUseTest {
  /** SHA-256 of {@code abc}. */
  private static final String ABC =
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  private static final String OLD = "application_1700000000000_0001";
  private static final Instant LONG_AGO = Instant.now().minus(Duration.ofDays(31));

  @TempDir Path home;
  @TempDir Path local;

  private final YarnConfiguration conf = new YarnConfiguration();
  private final List<ApplicationId> submitted = new ArrayList<>();
  private Configuration configuration;
  private Staging staging;

  private final class Yarn extends YarnClientImpl {
    @Override
    public ApplicationId submitApplication(ApplicationSubmissionContext context) {
      submitted.add(context.getApplicationId());
      return context.getApplicationId();
    }
  }

  @BeforeEach
  void open() throws IOException {
    configuration =
        Configuration.EMPTY.with(YarnSettings.STAGING_DIRECTORY.key(), home.toUri().toString());
    staging = Staging.of(configuration, conf);
  }

  @Test
  void aLiveApplicationKeepsItsJarsAndItsArchive() throws Exception {
    JarStore.Stored jar = putLongAgo("app.jar");
    JarStore.Stored archive = putLongAgo("classes.jsa");
    JarStore.Stored unused = putLongAgo("unused.jar");
    staged(OLD, Map.of("jars/app.jar", jar, ClassArchive.LINK, archive));

    submit(2);

    assertThat(stored()).contains(jar.sha256(), archive.sha256()).doesNotContain(unused.sha256());
  }

  @Test
  void aLiveApplicationKeepsTheFilesThatItsFunctionsRead() throws Exception {
    JarStore.Stored words = putLongAgo("words.txt");
    var file = new CachedFile("words", "/words.txt", words.sha256(), false);
    var ref = new FileRef(file, words.path().toString(), words.length(), words.modifiedMillis());
    JobSpec spec = spec(List.of(ref));
    staging.create(OLD);
    staging.write(
        staging.clusterFile(OLD),
        new StagedCluster(
                Map.of(),
                new StagedCluster.OneJob(spec),
                List.of(),
                "",
                SharedClasses.NONE,
                "somebody")
            .toBytes());

    submit(2);

    assertThat(stored()).contains(words.sha256());
    assertThat(staging.cluster(OLD).job()).contains(spec);
  }

  /** It may have to restart them. */
  @Test
  void aLiveSessionKeepsTheJarsAndFilesOfItsJobs() throws Exception {
    JarStore.Stored jar = putLongAgo("app.jar");
    JarStore.Stored words = putLongAgo("words.txt");
    JarStore.Stored unused = putLongAgo("unused.jar");
    var file = new CachedFile("words", "/words.txt", words.sha256(), false);
    var ref = new FileRef(file, words.path().toString(), words.length(), words.modifiedMillis());
    JobSpec bare = spec(List.of(ref));
    var spec =
        new JobSpec(
            bare.job(),
            bare.lineage(),
            bare.graph(),
            List.of(new JarRef(jar.sha256(), "app.jar", jar.path().toString())),
            bare.files(),
            Optional.empty());
    staging.create(OLD);
    var cluster =
        new StagedCluster(
            Map.of(), new StagedCluster.Session(), List.of(), "", SharedClasses.NONE, "somebody");
    staging.write(staging.clusterFile(OLD), cluster.toBytes());
    String docket = Staging.docket(staging.directory(OLD)).toString();
    DurableNames names = staging.store(cluster).names(docket);
    var epoch = new Epoch(1, 1);
    Procedure.run(Claim.ofDocket(epoch, "jobmanager", 0, Optional.empty()), names);
    Procedure.run(WriteFact.submission(epoch, new Submission(1, spec), 1), names);

    submit(2);

    assertThat(stored()).contains(jar.sha256(), words.sha256()).doesNotContain(unused.sha256());
    assertThat(staging.jobs(OLD, cluster)).containsExactly(spec);
  }

  @Test
  void filesTravelOnceAndAreNamedWhereTheyLie() throws Exception {
    Path words = Files.writeString(local.resolve("words.txt"), "abc");
    Path table = Files.writeString(local.resolve("table.csv"), "x,y");
    var files =
        List.of(
            new CachedFile("words", words.toString(), ABC, false),
            new CachedFile("table", table.toUri().toString(), "", false));
    var store = new JarStore(staging.base(), conf);

    FileTransfer first = FileTransfer.of(files, conf);
    assertThat(first.put(store, 1_000_000))
        .extracting(put -> put.stored().uploaded())
        .containsExactly(3L);
    FileTransfer again = FileTransfer.of(files, conf);
    assertThat(again.put(store, 2_000_000))
        .extracting(put -> put.stored().uploaded())
        .containsExactly(0L);

    assertThat(again.refs()).isEqualTo(first.refs());
    assertThat(first.refs())
        .satisfiesExactly(
            ref -> {
              assertThat(ref.file()).isEqualTo(files.get(1));
              assertThat(ref.location()).isEqualTo("file:" + table);
              assertThat(ref.length()).isEqualTo(3);
              assertThat(ref.modifiedMillis())
                  .isEqualTo(Files.getLastModifiedTime(table).toMillis());
            },
            ref -> {
              assertThat(ref.file()).isEqualTo(files.get(0));
              assertThat(ref.location()).endsWith("/jars/" + ABC);
              assertThat(new HdfsOrigin(conf).open(ref.location())).hasContent("abc");
            });
  }

  @Test
  void aFileThatIsNotThereIsNamedBeforeAnythingIsUploaded() throws Exception {
    for (Path wrong : List.of(local.resolve("none.csv"), local)) {
      var file = new CachedFile("table", wrong.toUri().toString(), "", false);
      assertThatThrownBy(() -> FileTransfer.of(List.of(file), conf))
          .isInstanceOf(FileTransfer.UnusableException.class)
          .hasMessage(
              "the cached file 'table': "
                  + wrong.toUri()
                  + (Files.isDirectory(wrong)
                      ? " cannot be read: it is a directory; register its files one by one, or one"
                          + " archive of them"
                      : " does not exist"));
    }
  }

  @Test
  void whatOnlyAnEndedApplicationUsedGoes() throws Exception {
    JarStore.Stored jar = putLongAgo("app.jar");
    staged(OLD, Map.of("jars/app.jar", jar));
    staging.delete(staging.directory(OLD));

    submit(2);

    assertThat(stored()).doesNotContain(jar.sha256()).hasSize(1);
  }

  @Test
  void nothingGoesWhileAnotherSubmissionIsUnderWay() throws Exception {
    JarStore.Stored jar = putLongAgo("app.jar");

    staging.create(OLD);
    submit(2);
    assertThat(stored()).as("it may have found the jar").contains(jar.sha256());

    byte[] whole = job(Map.of("jars/app.jar", jar)).toBytes();
    for (int length : new int[] {0, 6, whole.length / 2}) {
      staging.write(staging.clusterFile(OLD), Arrays.copyOf(whole, length));
      submit(3 + length);
      assertThat(stored()).as("%d bytes of its job", length).contains(jar.sha256());
    }

    staging.delete(staging.directory(OLD));
    submit(1 + whole.length);
    assertThat(stored()).doesNotContain(jar.sha256());
  }

  private JarStore.Stored putLongAgo(String name) throws IOException {
    var store = new JarStore(staging.base(), conf);
    JarStore.Stored stored =
        store.put(Files.writeString(local.resolve(name), name), LONG_AGO.toEpochMilli());
    Files.setLastModifiedTime(Path.of(stored.path().toUri().getPath()), FileTime.from(LONG_AGO));
    return stored;
  }

  private void staged(String application, Map<String, JarStore.Stored> files) throws IOException {
    staging.create(application);
    staging.write(staging.clusterFile(application), job(files).toBytes());
  }

  private static StagedCluster job(Map<String, JarStore.Stored> files) {
    var staged =
        files.entrySet().stream()
            .map(
                file ->
                    new StagedFile(
                        file.getKey(),
                        file.getValue().path().toString(),
                        file.getValue().length(),
                        file.getValue().modifiedMillis()))
            .toList();
    return new StagedCluster(
        Map.of(), new StagedCluster.OneJob(spec()), staged, "", SharedClasses.NONE, "somebody");
  }

  private static JobSpec spec() {
    return spec(List.of());
  }

  private static JobSpec spec(List<FileRef> files) {
    var code = new UserCode("a", new byte[] {1});
    var source =
        new Vertex(
            "a", "a", Role.ENUMERATOR, code, 1, 16, "default", false, false, false, List.of());
    var graph = new JobGraph("job", List.of(source), List.of(), Map.of());
    return new JobSpec(
        new JobId("0123456789abcdef0123456789abcdef"),
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        graph,
        List.of(),
        files,
        Optional.empty());
  }

  private void submit(int number) throws Exception {
    ApplicationId id = ApplicationId.newInstance(1700000000000L, number);
    var context = Records.newRecord(ApplicationSubmissionContext.class);
    context.setApplicationId(id);
    var application =
        new YarnClientApplication(Records.newRecord(GetNewApplicationResponse.class), context);
    var deployer =
        new YarnDeployer(
            conf, configuration, staging, new Yarn(), ClassArchive.of(Map.of()), phase -> {});
    Path program = Files.writeString(local.resolve("new.jar"), "new");
    deployer.deploy(
        deployer.new Prepared(application, ContainerSizes.of(configuration, "hashmap")),
        new YarnDeployer.Equipment(List.of(), List.of(), Optional.empty()),
        new YarnDeployer.Job(spec(), List.of(program)),
        running -> {});
    assertThat(submitted).last().isEqualTo(id);
  }

  /** Names of the jars in the store. */
  private List<String> stored() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve(".millrace/jars"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9a-f]{64}"))
          .toList();
    }
  }
}
