package io.millrace.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The procedures on a store that fails, loses acknowledgements and is meddled with. */
class ProceduresTest {
  private static final Epoch FIRST = new Epoch(1, 1);
  private static final Epoch SECOND = new Epoch(2, 1);

  private final MemoryNames names = new MemoryNames();

  @Test
  void takesALostAcknowledgementOfTheRenameForSuccess() {
    claim(FIRST);

    assertThat(commit(FIRST, manifest(FIRST, 1), op -> op instanceof NameOp.Rename, true))
        .isEqualTo(Written.Verdict.DONE);
    assertThat(names.list("epochs/" + FIRST)).hasSize(1);
  }

  @Test
  void repeatsARenameThatHadNoEffect() {
    claim(FIRST);

    assertThat(commit(FIRST, manifest(FIRST, 1), op -> op instanceof NameOp.Rename, false))
        .isEqualTo(Written.Verdict.DONE);
  }

  @Test
  void writesAnotherDraftAfterAFailedCreate() {
    claim(FIRST);

    assertThat(commit(FIRST, manifest(FIRST, 1), op -> op instanceof NameOp.CreateExclusive, true))
        .isEqualTo(Written.Verdict.DONE);
  }

  @Test
  void namesAConflictInsteadOfOverwriting() {
    claim(FIRST);
    commit(FIRST, manifest(FIRST, 1), op -> false, false);
    Manifest other =
        new Manifest(
            new JobId("0".repeat(32)), "ffffffffffffffff", FIRST, 9, 1, 9, false, List.of());

    assertThat(commit(FIRST, other, op -> false, false)).isEqualTo(Written.Verdict.CONFLICT);
  }

  @Test
  void givesUpOnAStoreThatNeverAnswers() {
    Procedure<Written> write = WriteFact.manifest(FIRST, manifest(FIRST, 1), 1);
    Step<Written> step = write.start();
    int operations = 0;
    while (step instanceof Step.Do<Written>) {
      step = write.on(new Outcome.Failed("down"));
      operations++;
    }

    assertThat(step).isInstanceOf(Step.Failed.class);
    assertThat(operations).isLessThan(20);
  }

  @Test
  void dropsACheckpointAndOnlyTheFilesThatNothingElseNames() throws IOException {
    claim(FIRST);
    Manifest older = manifest(FIRST, 1, "data/shared", "data/old");
    Manifest newer = manifest(FIRST, 2, "data/shared", "data/new");
    commit(FIRST, older, op -> false, false);
    commit(FIRST, newer, op -> false, false);

    assertThat(run(new FencedDrop(FIRST, older, List.of(newer)))).isTrue();

    assertThat(list("data")).containsExactly("new", "shared");
    assertThat(list("epochs/" + FIRST)).containsExactly(JobDirectory.manifest(2));
  }

  @Test
  void dropsWhatAnotherJobHasTakenOver() throws IOException {
    claim(FIRST);
    commit(FIRST, manifest(FIRST, 1, "data/old", "data/shared"), op -> false, false);
    commit(FIRST, manifest(FIRST, 2, "data/shared", "data/new"), op -> false, false);

    run(new DropClaimed(OptionalLong.of(1)));
    assertThat(list("data")).containsExactly("new", "shared");
    assertThat(list("epochs/" + FIRST)).containsExactly(JobDirectory.manifest(2));
    run(new DropClaimed(OptionalLong.of(1)));
    assertThat(list("data")).as("again").containsExactly("new", "shared");

    run(new DropClaimed(OptionalLong.empty()));
    assertThat(list("data")).isEmpty();
    assertThat(list("epochs/" + FIRST)).isEmpty();
    assertThat(list("claims")).as("the job itself stays known").containsExactly(FIRST.label());
  }

  @Test
  void dropsASavepointWithItsDirectory() throws IOException {
    savepoint();
    run(new DropClaimed(OptionalLong.empty()));
    assertThat(names.exist()).isFalse();
    run(new DropClaimed(OptionalLong.empty()));
    assertThat(names.exist()).as("again, by a successor").isFalse();

    savepoint();
    run(new DropClaimed(OptionalLong.of(1)));
    assertThat(names.exist()).as("by the path of its manifest").isFalse();
  }

  @Test
  void dropsNothingThatSomebodyPutBesideASavepoint() throws IOException {
    savepoint();
    names.createExclusive("notes/why", new byte[3]);

    run(new DropClaimed(OptionalLong.empty()));
    assertThat(names.read("notes/why")).hasSize(3);
    assertThat(list("data")).isEmpty();
    assertThat(list("epochs")).isEmpty();
    run(new DropClaimed(OptionalLong.empty()));
    assertThat(names.read("notes/why")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void dropsASavepointsDirectoryThoughTheStoreFailsFirst(boolean answerLost) throws IOException {
    savepoint();
    var drop = new DropClaimed(OptionalLong.empty());
    int removals = 0;
    Step<Integer> step = drop.start();
    while (step instanceof Step.Do<Integer> wanted) {
      boolean fails = wanted.op() instanceof NameOp.RemoveDirectory && removals++ == 0;
      Outcome outcome =
          fails && !answerLost ? new Outcome.Failed("down") : wanted.op().apply(names);
      step = drop.on(fails ? new Outcome.Failed("no answer") : outcome);
    }

    assertThat(step).isInstanceOf(Step.Done.class);
    assertThat(removals).isEqualTo(2);
    assertThat(names.exist()).isFalse();
  }

  private void savepoint() throws IOException {
    run(new OpenSavepoint(FIRST));
    run(new KeepSavepoint(manifest(FIRST, 1, "data/a", "data/b")));
    assertThat(run(new FindCheckpoint(OptionalLong.empty())).intact()).hasSize(1);
  }

  /** A store that takes names but no bytes leaves a file behind each time. */
  @Test
  void keepsASavepointHoweverOftenThatFailedBefore() throws IOException {
    run(new OpenSavepoint(FIRST));
    Manifest taken = manifest(FIRST, 1, "data/a");
    for (int i = 0; i < 3; i++) {
      Procedure<Written> keep = new KeepSavepoint(taken);
      Step<Written> step = keep.start();
      while (step instanceof Step.Do<Written> wanted) {
        Outcome outcome = wanted.op().apply(names);
        boolean fails = wanted.op() instanceof NameOp.CreateExclusive;
        step = keep.on(fails ? new Outcome.Failed("no block was written") : outcome);
      }
      assertThat(step).isInstanceOf(Step.Failed.class);
    }
    assertThat(list("tmp")).isNotEmpty();

    Written kept = run(new KeepSavepoint(taken));

    assertThat(kept.verdict()).isEqualTo(Written.Verdict.DONE);
    assertThat(list("tmp")).isEmpty();
    assertThat(run(new FindCheckpoint(OptionalLong.empty())).intact()).hasSize(1);
  }

  @Test
  void dropsNothingOfWhatADamagedManifestMayNeed() throws IOException {
    claim(FIRST);
    commit(FIRST, manifest(FIRST, 1, "data/old"), op -> false, false);
    commit(FIRST, manifest(FIRST, 2, "data/new"), op -> false, false);
    String damaged = JobDirectory.manifestFile(FIRST, 2);
    names.delete(damaged);
    names.createExclusive(damaged, new byte[7]);

    run(new DropClaimed(OptionalLong.of(1)));
    assertThat(list("data")).containsExactly("new", "old");
    assertThat(list("epochs/" + FIRST)).contains(JobDirectory.manifest(2));
  }

  @Test
  void dropsThePartsOfACheckpointThatWasGivenUp() throws IOException {
    claim(FIRST);
    String shared = JobDirectory.stateFile(FIRST, 1, "tm", 1);
    commit(FIRST, manifest(FIRST, 1, shared), op -> false, false);
    String one = JobDirectory.stateFile(FIRST, 2, "tm", 2);
    String other = JobDirectory.stateFile(FIRST, 2, "tm2", 1);
    Manifest givenUp = manifest(FIRST, 2, one, other, shared);
    names.createExclusive(one, new byte[1]);

    assertThat(run(new DropParts(givenUp.checkpoint(), givenUp.states(), List.of()))).isEqualTo(2);

    assertThat(list("data")).containsExactly(JobDirectory.last(shared));
    assertThat(new DropParts(1, List.of(), List.of()).isEmpty()).isTrue();
  }

  /** Its acknowledgement came again, after it had completed and made room for the next. */
  @Test
  void dropsNoPartThatALaterCheckpointHasTakenOver() throws IOException {
    claim(FIRST);
    String shared = JobDirectory.stateFile(FIRST, 1, "tm", 1);
    String own = JobDirectory.stateFile(FIRST, 1, "tm", 2);
    Manifest first = manifest(FIRST, 1, shared, own);
    Manifest second =
        new Manifest(
            first.job(), first.lineage(), FIRST, 1, 2, 0, false, List.of(first.states().get(0)));

    assertThat(run(new DropParts(1, first.states(), List.of(second)))).isEqualTo(1);

    assertThat(list("data")).containsExactly(JobDirectory.last(shared));
  }

  /** Whoever goes on from that job must not use the numbers of what was taken back. */
  @Test
  void knowsTheNumbersOfCheckpointsThatWereGivenUp() throws IOException {
    claim(FIRST);
    commit(FIRST, manifest(FIRST, 5, "data/a"), op -> false, false);
    assertThat(run(new FindCheckpoint(OptionalLong.empty())).highest()).isEqualTo(5);

    names.createExclusive("epochs/" + FIRST + "/dropped-" + JobDirectory.manifest(6), new byte[0]);
    assertThat(run(new FindCheckpoint(OptionalLong.of(5))).highest()).isEqualTo(6);

    run(WriteFact.rollback(FIRST, new Rollback(1, false, 5, 7, 1), 1));
    assertThat(run(new FindCheckpoint(OptionalLong.empty())).highest()).isEqualTo(7);
  }

  /** Sinks may not have taken back what they showed before that; the last record holds. */
  @Test
  void knowsThatTheJobGotNoFurtherThanWhereItWentBackTo() throws IOException {
    claim(FIRST);
    commit(FIRST, manifest(FIRST, 4, "data/a"), op -> false, false);
    commit(FIRST, manifest(FIRST, 5, "data/b"), op -> false, false);
    commit(FIRST, manifest(FIRST, 6, "data/c"), op -> false, false);
    run(WriteFact.rollback(FIRST, new Rollback(1, false, 3, 3, 1), 1));
    assertThat(run(new FindCheckpoint(OptionalLong.empty())).owed()).isEmpty();

    run(WriteFact.rollback(FIRST, new Rollback(2, false, 5, 7, 1), 2));
    String record = "epochs/" + FIRST + "/" + JobDirectory.rollback(2);
    var newest = run(new FindCheckpoint(OptionalLong.empty()));
    assertThat(newest.owed()).contains(record);
    assertThat(newest.intact())
        .extracting(each -> each.manifest().checkpoint())
        .containsExactly(5L, 4L);
    assertThat(run(new FindCheckpoint(OptionalLong.of(5))).owed()).contains(record);
    assertThat(run(new FindCheckpoint(OptionalLong.of(4))).owed()).isEmpty();
    assertThat(run(new FindCheckpoint(OptionalLong.of(6))).intact()).isEmpty();

    commit(FIRST, manifest(FIRST, 8, "data/d"), op -> false, false);
    assertThat(run(new FindCheckpoint(OptionalLong.empty())).owed()).isEmpty();
  }

  @Test
  void deletesNothingOnceItIsFenced() throws IOException {
    claim(FIRST);
    Manifest manifest = manifest(FIRST, 1, "data/a");
    commit(FIRST, manifest, op -> false, false);
    claim(SECOND);

    assertThat(run(new FencedDrop(FIRST, manifest, List.of()))).isFalse();
    assertThat(run(new CleanUp(FIRST, List.of()))).isZero();

    assertThat(list("data")).containsExactly("a");
  }

  @Test
  void cleansUpWhatLowerEpochsLeftAndNothingNeeds() throws IOException {
    claim(FIRST);
    Manifest manifest = manifest(FIRST, 1, "data/" + FIRST + "-kept");
    commit(FIRST, manifest, op -> false, false);
    names.createExclusive("data/" + FIRST + "-orphan", new byte[1]);
    names.createExclusive("tmp/" + FIRST + "-draft", new byte[1]);
    claim(SECOND);
    names.createExclusive("data/" + SECOND + "-under-way", new byte[1]);

    run(new CleanUp(SECOND, List.of(manifest)));

    assertThat(list("data")).containsExactly(FIRST + "-kept", SECOND + "-under-way");
    assertThat(list("tmp")).isEmpty();
    assertThat(list("epochs")).containsExactly(SECOND.label());
    assertThat(list("claims")).containsExactly(SECOND.label());
  }

  @Test
  void dropsWhatAJobThatEndedHasNotCompleted() throws IOException {
    claim(FIRST);
    Manifest manifest = manifest(FIRST, 1, "data/" + FIRST + "-kept");
    commit(FIRST, manifest, op -> false, false);
    claim(SECOND);
    names.createExclusive("data/" + SECOND + "-cut", new byte[1]);
    names.createExclusive("tmp/" + SECOND + "-draft", new byte[1]);

    assertThat(run(new DropUnfinished(SECOND, List.of(manifest)))).isFalse();
    assertThat(list("data")).as("it may go on").hasSize(2);

    run(WriteFact.result(SECOND, new JobResult(JobStatus.CANCELED, Optional.empty(), 1), 1));
    assertThat(run(new DropUnfinished(SECOND, List.of(manifest)))).isTrue();
    assertThat(list("data")).containsExactly(FIRST + "-kept");
    assertThat(list("tmp")).isEmpty();
    assertThat(list("epochs")).containsExactly(SECOND.label());
    assertThat(list("epochs/" + SECOND)).contains(JobDirectory.manifest(1), "result");
  }

  /** Nobody learned that its manifest came. */
  @Test
  void dropsNothingBesideACheckpointThatItDoesNotKnow() throws IOException {
    claim(FIRST);
    Manifest known = manifest(FIRST, 1, "data/" + FIRST + "-known");
    commit(FIRST, known, op -> false, false);
    commit(FIRST, manifest(FIRST, 2, "data/" + FIRST + "-unknown"), op -> false, false);
    run(WriteFact.result(FIRST, new JobResult(JobStatus.CANCELED, Optional.empty(), 1), 1));

    assertThat(run(new DropUnfinished(FIRST, List.of(known)))).isFalse();
    assertThat(list("data")).hasSize(2);
  }

  @Test
  void claimsWithDamagedManifestsNamedAndTheOthersUsable() throws IOException {
    claim(FIRST);
    commit(FIRST, manifest(FIRST, 1, "data/a"), op -> false, false);
    commit(FIRST, manifest(FIRST, 2, "data/b"), op -> false, false);
    commit(FIRST, manifest(FIRST, 3), op -> false, false);
    names.delete("data/b");
    String third = "epochs/" + FIRST + "/" + JobDirectory.manifest(3);
    byte[] cut = java.util.Arrays.copyOf(names.read(third), 30);
    names.delete(third);
    names.createExclusive(third, cut);

    ClaimedJob job = claim(SECOND);

    assertThat(job.manifests()).extracting(m -> m.manifest().checkpoint()).containsExactly(1L);
    assertThat(job.damaged()).extracting(DamagedManifest::checkpoint).containsExactly(3L, 2L);
    assertThat(job.damaged().get(1).reason()).contains("data/b");
    assertThat(job.newest()).isEmpty();
    assertThat(job.highestCheckpoint()).isEqualTo(3);
  }

  @Test
  void findsACheckpointByAPathThatAClaimHasMovedSince() throws IOException {
    claim(FIRST);
    commit(FIRST, manifest(FIRST, 1), op -> false, false);
    commit(FIRST, manifest(FIRST, 2), op -> false, false);
    String path = "hdfs://nn/jobs/x/" + JobDirectory.manifestFile(FIRST, 1);
    claim(SECOND);

    FindCheckpoint.Place place = FindCheckpoint.Place.of(path);

    assertThat(place.directory()).isEqualTo("hdfs://nn/jobs/x");
    assertThat(run(new FindCheckpoint(place.checkpoint())).intact())
        .extracting(m -> m.manifest().checkpoint())
        .containsExactly(1L);
    assertThat(run(new FindCheckpoint(FindCheckpoint.Place.of("/jobs/x/").checkpoint())).intact())
        .hasSize(2);
  }

  private ClaimedJob claim(Epoch epoch) {
    return ((Claim.Claimed<ClaimedJob>) run(Claim.ofJob(epoch, "test", 0, Optional.empty())))
        .inherited();
  }

  private <R> R run(Procedure<R> procedure) {
    return ((Step.Done<R>) Procedure.run(procedure, names)).result();
  }

  /** Commits while the first matching operation fails, with or without effect. */
  private Written.Verdict commit(
      Epoch epoch, Manifest manifest, Predicate<NameOp> fails, boolean withEffect) {
    Procedure<Written> write = WriteFact.manifest(epoch, manifest, manifest.checkpoint() * 10);
    boolean failed = false;
    Step<Written> step = write.start();
    while (step instanceof Step.Do<Written> wanted) {
      boolean failNow = !failed && fails.test(wanted.op());
      failed |= failNow;
      if (failNow && !withEffect) {
        step = write.on(new Outcome.Failed("no effect"));
      } else {
        Outcome outcome = wanted.op().apply(names);
        step = write.on(failNow ? new Outcome.Failed("acknowledgement lost") : outcome);
      }
    }
    return ((Step.Done<Written>) step).result().verdict();
  }

  private Manifest manifest(Epoch epoch, long checkpoint, String... files) {
    var states = new ArrayList<SubtaskState>();
    for (String file : files) {
      try {
        names.createExclusive(file, new byte[4]);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      states.add(
          new SubtaskState(
              file,
              0,
              1,
              128,
              Optional.of(new StateBytes.InFile(file, 0, 4, 0)),
              List.of(),
              Optional.empty()));
    }
    return new Manifest(
        new JobId("0".repeat(32)), "0123456789abcdef", epoch, 1, checkpoint, 0, false, states);
  }

  private List<String> list(String folder) {
    return names.list(folder).stream().map(DurableNames.Entry::name).toList();
  }
}
