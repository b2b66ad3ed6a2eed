package io.millrace.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.accumulator.AccumulatorState;
import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.api.type.Serializers;
import io.millrace.api.type.Shape;
import io.millrace.runtime.jobmanager.TestJobs;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.Failure;
import io.millrace.runtime.protocol.JarRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobSpec;
import io.millrace.runtime.protocol.JobStatus;
import io.millrace.runtime.protocol.TaskManagerId;
import io.millrace.runtime.protocol.TaskManagerLocation;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FactsTest {
  private static final byte[] INLINE = {1, 2, 3};
  private static final Manifest MANIFEST =
      new Manifest(
          new JobId("0".repeat(32)),
          "0123456789abcdef",
          new Epoch(3, 4),
          5,
          6,
          7,
          true,
          List.of(
              new SubtaskState(
                  "uid",
                  1,
                  2,
                  128,
                  Optional.of(new StateBytes.Inline(INLINE, StateBytes.crcOf(INLINE))),
                  List.of(new Committable(6, new byte[] {9})),
                  Optional.of(new StateBytes.InFile("data/x", 1, 2, 3)))));

  @Test
  void readsBackTheSumsOfLargeState() throws DamagedFactException {
    var sums = new Sums();
    byte[] part = new byte[3_000_000];
    for (int i = 0; i < 5; i++) {
      part[i] = 7;
      sums.add(part);
    }
    assertThat(sums.ofChunks()).hasSize(4).doesNotHaveDuplicates();
    var range = new StateBytes.InFile("data/x", 1, 15_000_000, sums.ofAll(), sums.ofChunks());
    var state = new SubtaskState("uid", 0, 1, 128, Optional.of(range), List.of(), Optional.empty());
    var manifest =
        new Manifest(
            MANIFEST.job(), MANIFEST.lineage(), MANIFEST.epoch(), 1, 2, 3, true, List.of(state));
    byte[] file = Facts.encode(manifest);
    assertThat(Facts.decode(Manifest.class, file)).isEqualTo(manifest);
    var lacking = new StateBytes.InFile("data/x", 1, 15_000_000, 0);
    assertThatThrownBy(
            () -> new CheckedRange(lacking, "x", (from, length) -> new byte[length]).read(0, 5))
        .hasMessageContaining("checksums");
  }

  @Test
  void readsBackWhereAJobWasStopped() throws DamagedFactException {
    var stopped = new Stopped("hdfs://nn/savepoint", JobStatus.CANCELED, false);
    var manifest =
        new Manifest(
            MANIFEST.job(),
            MANIFEST.lineage(),
            MANIFEST.epoch(),
            1,
            2,
            3,
            true,
            List.of(),
            Optional.of(stopped));
    assertThat(Facts.decode(Manifest.class, Facts.encode(manifest))).isEqualTo(manifest);
    var counted = new AccumulatorState("records", new byte[] {1, 2});
    var result =
        new JobResult(
            JobStatus.FINISHED, Optional.empty(), 2, Optional.of("path"), false, List.of(counted));
    assertThat(Facts.decode(JobResult.class, Facts.encode(result)))
        .usingRecursiveComparison()
        .isEqualTo(result);
  }

  @Test
  void readsBackWhatWasInFlight() throws DamagedFactException {
    var elements = new StateBytes.InFile("data/y", 4, 5, 6);
    var channel = new ChannelState("a", "uid", 1, "KEY_GROUP", true, 2, 3, 4, 5, 128, elements);
    var other =
        new ChannelState(
            "uid", "b", 0, "GLOBAL", false, 1, 2, 0, 1, 16, new StateBytes.Inline(INLINE, 7));
    SubtaskState plain = MANIFEST.states().get(0);
    for (Optional<Stopped> stopped :
        List.of(
            Optional.<Stopped>empty(),
            Optional.of(new Stopped("hdfs://nn/s", JobStatus.FINISHED, true)))) {
      var manifest =
          new Manifest(
              MANIFEST.job(),
              MANIFEST.lineage(),
              MANIFEST.epoch(),
              1,
              2,
              3,
              false,
              List.of(plain, plain.withChannels(List.of(channel, other))),
              stopped);
      assertThat(Facts.decode(Manifest.class, Facts.encode(manifest)))
          .usingRecursiveComparison()
          .isEqualTo(manifest);
      assertThat(manifest.states().get(1).files()).containsExactly("data/x", "data/y");
    }
  }

  @Test
  void readsBackWhatItsStatesAreMadeOf() throws DamagedFactException {
    Shape shape = Shape.of(Serializers.of(Epoch.class));
    Shape keys = Shape.of(Serializers.of(String.class));
    var states = new ArrayList<SubtaskState>();
    for (int subtask = 0; subtask < 3; subtask++) {
      states.add(
          new SubtaskState("uid", subtask, 3, 128, Optional.empty(), List.of(), Optional.empty())
              .with(
                  List.of(
                      new StateInfo("old", StateInfo.Kind.MAP, "types", 1),
                      info("list", StateInfo.Kind.UNION_LIST, shape, Optional.empty(), false),
                      info("value", StateInfo.Kind.VALUE, shape, Optional.of(keys), true))));
    }
    var operators = List.of(new NamedOperator("uid", "Sum up"), new NamedOperator("b", "Map"));
    for (var stopped :
        List.of(
            Optional.<Stopped>empty(),
            Optional.of(new Stopped("hdfs://nn/savepoint", JobStatus.CANCELED, false)))) {
      var manifest =
          new Manifest(
              MANIFEST.job(),
              MANIFEST.lineage(),
              MANIFEST.epoch(),
              1,
              2,
              3,
              true,
              states,
              stopped,
              operators);
      byte[] file = Facts.encode(manifest);
      assertThat(Facts.decode(Manifest.class, file)).isEqualTo(manifest);
      String text = new String(file, StandardCharsets.ISO_8859_1);
      assertThat(text.split(Epoch.class.getName().replace(".", "[.]"), -1))
          .as("each shape stands there once")
          .hasSize(2);
    }
  }

  private static StateInfo info(
      String name, StateInfo.Kind kind, Shape shape, Optional<Shape> keys, boolean expires) {
    return new StateInfo(
        name, kind, "types", 17, Optional.of(new StateInfo.Form(shape, keys, expires, 1L << 40)));
  }

  @Test
  void readsBackEveryKindOfFact() throws DamagedFactException {
    var failure = new Failure(Failure.Kind.USER, false, "map", 3, "Boom", "überall", "trace");
    List<Fact> facts =
        List.of(
            new ClaimNote(new Epoch(1, 2), "owner", 3),
            new DeploymentRecord(
                new Epoch(1, 2),
                3,
                "0123456789abcdef",
                4,
                List.of(1_700_000_000_003L, 1_700_000_000_009L),
                1_700_000_000_000L,
                "path",
                5,
                List.of(new DeploymentRecord.Operator("uid", 1, 128)),
                List.of(
                    new DeploymentRecord.Placed(
                        0, 1, new TaskManagerLocation(new TaskManagerId("tm"), "host", 7), 2))),
            new Intent(JobStatus.FAILED, Optional.of(failure), 1),
            new JobResult(JobStatus.CANCELED, Optional.empty(), 2),
            new ProgramEnd(JobStatus.FAILED, "it threw", 4),
            new Restarts(2, List.of(1_700_000_000_003L, 1_700_000_000_009L)),
            new Crash(3, 7, failure, 1),
            new Checkpointed(4),
            new Rollback(2, true, 5, 7, 3),
            new ControlAddress(new Epoch(1, 2), "host", 40_000),
            new Submission(
                3,
                new JobSpec(
                    MANIFEST.job(),
                    "0123456789abcdef",
                    TestJobs.graph(Map.of("key", "value")),
                    List.of(new JarRef("0".repeat(64), "app.jar", "hdfs://nn/jars/app.jar")),
                    Optional.of(new JobSpec.RestoreFrom("hdfs://nn/savepoint", true)))));

    var kinds = new ArrayList<Class<?>>(List.of(Manifest.class));
    facts.forEach(fact -> kinds.add(fact.getClass()));
    assertThat(kinds).containsExactlyInAnyOrder(Fact.class.getPermittedSubclasses());
    for (Fact fact : facts) {
      assertThat(Facts.decode(fact.getClass(), Facts.encode(fact))).isEqualTo(fact);
    }
    Manifest read = Facts.decode(Manifest.class, Facts.encode(MANIFEST));
    assertThat(read).usingRecursiveComparison().isEqualTo(MANIFEST);
  }

  @Test
  void findsEveryFlippedBitAndEveryCut() {
    byte[] intact = Facts.encode(MANIFEST);
    for (int bit = 0; bit < intact.length * 8; bit++) {
      byte[] damaged = intact.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> Facts.decode(Manifest.class, damaged))
          .isInstanceOf(DamagedFactException.class);
    }
    for (int length = 0; length < intact.length; length++) {
      byte[] cut = Arrays.copyOf(intact, length);
      assertThatThrownBy(() -> Facts.decode(Manifest.class, cut))
          .isInstanceOf(DamagedFactException.class);
    }
  }

  @Test
  void survivesArbitraryBytes() {
    var random = new SplittableRandom(5);
    byte[] intact = Facts.encode(MANIFEST);
    for (int run = 0; run < 10_000; run++) {
      byte[] damaged = Arrays.copyOf(intact, random.nextInt(2 * intact.length));
      for (int change = random.nextInt(1, 9); change > 0 && damaged.length > 0; change--) {
        damaged[random.nextInt(damaged.length)] ^= (byte) random.nextInt(1, 256);
      }
      assertThatThrownBy(() -> Facts.decode(Manifest.class, damaged))
          .isInstanceOf(DamagedFactException.class);
    }
  }

  @Test
  void saysWhatIsWrong() {
    byte[] intact = Facts.encode(MANIFEST);
    assertThatThrownBy(() -> Facts.decode(Intent.class, intact))
        .isInstanceOfSatisfying(
            DamagedFactException.class,
            e -> assertThat(e.damage()).isEqualTo(DamagedFactException.Damage.KIND));
    assertThatThrownBy(() -> Facts.decode(Manifest.class, new byte[0]))
        .isInstanceOfSatisfying(
            DamagedFactException.class,
            e -> assertThat(e.damage()).isEqualTo(DamagedFactException.Damage.LENGTH));
  }

  /** Folders are named after it, and a manifest may come from anybody. */
  @Test
  void aLineageThatIsAPathIsRefused() {
    for (String lineage :
        List.of("../../../x", "a/b", "", "0123456789abcde/", "0123456789ABCDEF")) {
      assertThatThrownBy(
              () ->
                  new Manifest(
                      new JobId("0".repeat(32)),
                      lineage,
                      new Epoch(1, 1),
                      1,
                      1,
                      1,
                      false,
                      List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("lineage");
    }
  }
}
