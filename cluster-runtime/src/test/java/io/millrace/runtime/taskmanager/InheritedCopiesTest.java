package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.MemoryFolder;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InheritedCopiesTest {
  private static final int SINK_CHAIN = 2;
  private static final String FILE = "data/1";
  private static final byte[] ROWS = {1, 2, 3};
  private static final byte[] MORE = {4, 5};

  private final Rig rig = new Rig();
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final String directory = store.directoryOf(TestJob.ID);
  private final MemoryFolder left = new MemoryFolder();

  /** A subtask's rows: a file that lasts, and one that does not. */
  private static SubtaskState state() {
    var head = new StateBytes.Inline(ROWS, StateBytes.crcOf(ROWS));
    var lasting = new StateBytes.InFile(FILE, 10, ROWS.length, StateBytes.crcOf(ROWS));
    var other = new StateBytes.InFile(FILE, 13, MORE.length, StateBytes.crcOf(MORE));
    var pieces =
        List.of(
            new StateBytes.Piece("rows-1", true, 15, lasting),
            new StateBytes.Piece("rows-2", false, 15, other));
    return new SubtaskState(
        "sink",
        0,
        1,
        16,
        Optional.empty(),
        List.of(),
        Optional.of(new StateBytes.Files(head, pieces)));
  }

  private TaskStart start(String from) {
    return new TaskStart(SINK_CHAIN, 0, 0, List.of(state()), from);
  }

  private InheritedCopies copies(String from) {
    return InheritedCopies.of(
        start(from), directory, TestJob.ID, LocalCopies.Known.NONE, rig.shelf);
  }

  private void leave() {
    left.append(LocalCopies.fileAt(10), ROWS);
    left.append(LocalCopies.fileAt(13), MORE);
    rig.shelf.ofTheDead.put(FILE, left);
  }

  private void restores(InheritedCopies copies) throws IOException {
    var copied = new CopiedStore(store, directory, copies.known(), copies.made().keySet());
    Preparation loaded =
        Preparation.load(
            new TestJob("inherited").deploy(TestJob.FIRST, 1),
            start(directory),
            Configuration.EMPTY,
            rig,
            copied,
            rig);
    CapturedRows rows = loaded.parts().get(0).restored().captured().get(0);
    assertThat(rows.head()).isEqualTo(ROWS);
    assertThat(rows.folder().read("rows-1", 0, ROWS.length)).isEqualTo(ROWS);
    assertThat(rows.folder().read("rows-2", 0, MORE.length)).isEqualTo(MORE);
  }

  @Test
  void whatTheDeadHaveLeftNeedNotBeFetched() throws IOException {
    leave();

    InheritedCopies copies = copies(directory);

    restores(copies);
    assertThat(copies.made()).containsOnlyKeys(FILE);
    assertThat(rig.shelf.own.get(FILE).files()).hasSize(2);
    left.delete();
    restores(copies); // they are one's own now
  }

  @Test
  void whereItHasNoPlaceAmongOnesOwnItIsReadWhereItIs() throws IOException {
    leave();
    rig.shelf.own.put(FILE, new MemoryFolder());

    InheritedCopies copies = copies(directory);

    assertThat(copies.made()).isEmpty();
    restores(copies);
  }

  @Test
  void nobodyHasCopiesOfSavepoints() {
    leave();

    assertThat(copies("memory:/savepoints/1").known().folders()).isEmpty();
  }

  @Test
  void damagedOnesDoNoHarm() throws IOException {
    left.append(LocalCopies.fileAt(10), MORE);
    rig.shelf.ofTheDead.put(FILE, left);
    store.names(directory).mkdir("data");
    store.writeState(directory, FILE, List.of(new byte[10], ROWS, MORE));

    restores(copies(directory));
  }

  @Test
  void whatNobodyWantsIsGone() {
    leave();
    InheritedCopies copies = copies(directory);
    copies.discard();

    assertThat(rig.shelf.own.get(FILE).files()).isEmpty();
    assertThat(left.files()).hasSize(2);
  }
}
