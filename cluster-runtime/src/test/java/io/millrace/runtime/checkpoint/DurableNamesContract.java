package io.millrace.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What every {@link DurableNames} must do, the fence built on it included. */
public abstract class DurableNamesContract {
  private static final JobId JOB = new JobId("0123456789abcdef0123456789abcdef");

  /** The same empty directory for the whole of one test, a new one for each test. */
  protected abstract DurableNames names();

  /** Whether the directory itself is there. */
  protected abstract boolean isThere() throws IOException;

  @Test
  void listsNothingInAFolderThatIsNotThere() throws IOException {
    assertThat(names().list("epochs")).isEmpty();
  }

  @Test
  void createsAFileOnceAndMakesItsParents() throws IOException {
    DurableNames names = names();

    assertThat(names.createExclusive("claims/a", bytes("one"))).isTrue();
    assertThat(names.createExclusive("claims/a", bytes("two"))).isFalse();

    assertThat(names.read("claims/a")).isEqualTo(bytes("one"));
    assertThat(names.list("claims")).containsExactly(new DurableNames.Entry("a", false, 3));
  }

  @Test
  void listsSortedAndNotWhatIsDeeper() throws IOException {
    DurableNames names = names();
    names.mkdir("epochs/b");
    names.createExclusive("epochs/b/manifest", bytes("x"));
    names.createExclusive("epochs/c", bytes(""));
    names.mkdir("epochs/a");

    assertThat(names.list("epochs"))
        .containsExactly(
            new DurableNames.Entry("a", true, 0),
            new DurableNames.Entry("b", true, 0),
            new DurableNames.Entry("c", false, 0));
  }

  @Test
  void readsOnlyWhatIsThere() {
    assertThatThrownBy(() -> names().read("claims/none")).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void makesAFolderTwice() throws IOException {
    DurableNames names = names();
    names.mkdir("epochs/a");
    names.mkdir("epochs/a");
    assertThat(names.list("epochs")).hasSize(1);
  }

  @Test
  void renamesAFileIntoAFolder() throws IOException {
    DurableNames names = names();
    names.createExclusive("tmp/draft", bytes("m"));
    names.mkdir("epochs/a");

    names.rename("tmp/draft", "epochs/a/manifest");

    assertThat(names.list("tmp")).isEmpty();
    assertThat(names.read("epochs/a/manifest")).isEqualTo(bytes("m"));
  }

  @Test
  void neverRenamesOverAnything() throws IOException {
    DurableNames names = names();
    names.createExclusive("tmp/draft", bytes("new"));
    names.mkdir("epochs/a");
    names.createExclusive("epochs/a/manifest", bytes("old"));

    assertThatThrownBy(() -> names.rename("tmp/draft", "epochs/a/manifest"))
        .isInstanceOf(IOException.class);

    assertThat(names.read("epochs/a/manifest")).isEqualTo(bytes("old"));
    assertThat(names.read("tmp/draft")).isEqualTo(bytes("new"));
  }

  @Test
  void neverMovesIntoAFolderThatHasTheTargetsName() throws IOException {
    DurableNames names = names();
    names.mkdir("epochs/a");
    names.mkdir("epochs/b");

    assertThatThrownBy(() -> names.rename("epochs/a", "epochs/b")).isInstanceOf(IOException.class);

    assertThat(names.list("epochs/b")).isEmpty();
    assertThat(names.list("epochs")).hasSize(2);
  }

  @Test
  void renamesIntoNoFolderThatIsNotThere() throws IOException {
    DurableNames names = names();
    names.createExclusive("tmp/draft", bytes("m"));
    names.mkdir("epochs");

    assertThatThrownBy(() -> names.rename("tmp/draft", "epochs/gone/manifest"))
        .isInstanceOf(IOException.class);

    assertThat(names.list("epochs")).isEmpty();
    assertThat(names.read("tmp/draft")).isEqualTo(bytes("m"));
  }

  @Test
  void renamesAFolderWithAllItHolds() throws IOException {
    DurableNames names = names();
    names.mkdir("epochs/a");
    names.createExclusive("epochs/a/manifest", bytes("m"));

    names.rename("epochs/a", "epochs/a.sealed");

    assertThat(names.read("epochs/a.sealed/manifest")).isEqualTo(bytes("m"));
    assertThat(names.list("epochs")).hasSize(1);
  }

  @Test
  void deletesFilesFoldersAndNothing() throws IOException {
    DurableNames names = names();
    names.createExclusive("tmp/a", bytes("m"));
    names.createExclusive("tmp/deep/b", bytes("m"));

    names.delete("tmp/a");
    names.delete("tmp/deep");
    names.delete("tmp/none");

    assertThat(names.list("tmp")).isEmpty();
  }

  @Test
  void listsTheDirectoryItself() throws IOException {
    DurableNames names = names();
    names.mkdir("epochs/e/data");
    names.rename("epochs/e/data", "data");

    assertThat(names.list(""))
        .extracting(DurableNames.Entry::name)
        .containsExactly("data", "epochs");
    assertThat(names.list("epochs/e")).isEmpty();
  }

  @Test
  void noFileBringsBackAFolderThatWentForGood() throws IOException {
    DurableNames names = names();
    names.mkdir("data");
    assertThat(names.createExclusive("data/a", bytes("m"))).isTrue();
    names.delete("data");

    assertThatThrownBy(() -> names.createExclusive("data/b", bytes("m")))
        .isInstanceOf(IOException.class);
    assertThat(names.list("data")).isEmpty();
  }

  @Test
  void removesItsDirectoryOnceNothingIsInIt() throws IOException {
    DurableNames names = names();
    names.createExclusive("tmp/a", bytes("m"));
    names.mkdir("data");
    names.delete("tmp");
    assertThat(isThere()).isTrue();
    names.delete("data");

    names.removeDirectory();
    assertThat(isThere()).isFalse();
    names.removeDirectory();
    assertThat(isThere()).isFalse();
    assertThat(names.list("tmp")).isEmpty();
  }

  @Test
  void neverRemovesADirectoryThatHoldsSomething() throws IOException {
    DurableNames names = names();
    names.createExclusive("notes", bytes("mine"));
    names.mkdir("empty");

    names.removeDirectory();
    assertThat(names.read("notes")).isEqualTo(bytes("mine"));
    names.delete("notes");
    names.removeDirectory();
    names.rename("empty", "still-empty"); // as it was there

    names.delete("still-empty");
    names.removeDirectory();
    assertThat(isThere()).isFalse();
  }

  @Test
  void makesItsDirectoryAgain() throws IOException {
    DurableNames names = names();
    names.mkdir("data");
    names.delete("data");
    names.removeDirectory();

    assertThat(names.createExclusive("claims/a", bytes("one"))).isTrue();
    names.delete("claims");
    names.removeDirectory();
    names.mkdir("data");
    assertThat(names.createExclusive("data/a", bytes("two"))).isTrue();
    names.rename("data/a", "data/b");

    assertThat(names.read("data/b")).isEqualTo(bytes("two"));
    assertThat(isThere()).isTrue();
  }

  @Test
  void makesNoDirectoryForWhatIsNotInIt() throws IOException {
    DurableNames names = names();

    names.delete("data");
    names.removeDirectory();
    assertThatThrownBy(() -> names.rename("data", "old")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> names.createExclusive("data/late", bytes("m")))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> names.read("notes")).isInstanceOf(FileNotFoundException.class);
    assertThat(names.list("data")).isEmpty();

    assertThat(isThere()).isFalse();
  }

  @Test
  void fencesTheEarlierClaimerAndKeepsItsCheckpoints() {
    DurableNames names = names();
    Epoch first = new Epoch(1, 1);
    Epoch second = new Epoch(2, 1);
    assertThat(claim(names, first).manifests()).isEmpty();
    assertThat(commit(names, first, 1)).isEqualTo(Written.Verdict.DONE);
    assertThat(commit(names, first, 1)).isEqualTo(Written.Verdict.DONE);

    ClaimedJob taken = claim(names, second);

    assertThat(taken.manifests())
        .extracting(retained -> retained.manifest().checkpoint())
        .containsExactly(1L);
    assertThat(commit(names, first, 2)).isEqualTo(Written.Verdict.FENCED);
    assertThat(Procedure.run(new FencedDrop(first, manifest(first, 1), List.of()), names))
        .isEqualTo(new Step.Done<>(false));
    assertThat(commit(names, second, 3)).isEqualTo(Written.Verdict.DONE);
    assertThat(Procedure.run(Claim.ofJob(first, "late", 0, Optional.empty()), names))
        .isInstanceOfSatisfying(
            Step.Done.class,
            done -> assertThat(done.result()).isInstanceOf(Claim.Superseded.class));
    assertThat(claim(names, new Epoch(2, 2)).manifests())
        .extracting(retained -> retained.manifest().checkpoint())
        .containsExactly(3L, 1L);
  }

  private static ClaimedJob claim(DurableNames names, Epoch epoch) {
    var step =
        (Step.Done<Claim.Result<ClaimedJob>>)
            Procedure.run(Claim.ofJob(epoch, "test", 0, Optional.empty()), names);
    return ((Claim.Claimed<ClaimedJob>) step.result()).inherited();
  }

  private static Written.Verdict commit(DurableNames names, Epoch epoch, long checkpoint) {
    var write = WriteFact.manifest(epoch, manifest(epoch, checkpoint), checkpoint);
    return ((Step.Done<Written>) Procedure.run(write, names)).result().verdict();
  }

  private static Manifest manifest(Epoch epoch, long checkpoint) {
    byte[] own = bytes("own");
    var state =
        new SubtaskState(
            "uid",
            0,
            1,
            128,
            Optional.of(new StateBytes.Inline(own, StateBytes.crcOf(own))),
            List.of(),
            Optional.empty());
    return new Manifest(JOB, "0123456789abcdef", epoch, 1, checkpoint, 17, false, List.of(state));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
