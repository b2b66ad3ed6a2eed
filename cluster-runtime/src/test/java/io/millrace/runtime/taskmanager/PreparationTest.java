package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreparationTest {
  private static final int SINK_CHAIN = 2;
  private static final int MAX_PARALLELISM = 16;

  private final Rig rig = new Rig();
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final String own = store.directoryOf(TestJob.ID);
  private final byte[] rows = {1, 2, 3};

  /** A subtask's state that stays in one file, in whatever directory it is restored from. */
  private SubtaskState state(int parallelism, int maxParallelism) {
    var head = new StateBytes.Inline(rows, StateBytes.crcOf(rows));
    var piece =
        new StateBytes.Piece(
            "rows-1",
            true,
            rows.length,
            new StateBytes.InFile("data/1", 0, rows.length, StateBytes.crcOf(rows)));
    return new SubtaskState(
        "sink",
        0,
        parallelism,
        maxParallelism,
        Optional.empty(),
        List.of(),
        Optional.of(new StateBytes.Files(head, List.of(piece))));
  }

  private List<SubtaskState> shared(SubtaskState state, String directory) throws IOException {
    store.names(directory).mkdir("data");
    store.writeState(directory, "data/1", List.of(rows));
    Deploy deploy = new TestJob("shared").deploy(TestJob.FIRST, 1);
    var start = new TaskStart(SINK_CHAIN, 0, 0, List.of(state), directory);
    var copied = new CopiedStore(store, own, LocalCopies.Known.NONE, Set.of());
    Preparation loaded = Preparation.load(deploy, start, Configuration.EMPTY, rig, copied, rig);
    assertThat(loaded.parts().get(0).restored().captured()).hasSize(1);
    return loaded.sharedState(own);
  }

  @Test
  void theJobsOwnFilesAreNamedAgainByItsNextCheckpoint() throws IOException {
    SubtaskState state = state(1, MAX_PARALLELISM);
    assertThat(shared(state, own)).containsExactly(state);
  }

  /**
   * A manifest's names are relative to the job's directory: a file of the same name in it would be
   * another one, or none at all.
   */
  @Test
  void filesOfAnotherDirectoryAreNotNamedAgain() throws IOException {
    SubtaskState state = state(1, MAX_PARALLELISM);
    assertThat(shared(state, "memory:/savepoints/1")).isEmpty();
  }

  @Test
  void filesThatHoldWhatSeveralSubtasksShareNowAreNotNamedAgain() throws IOException {
    assertThat(shared(state(2, MAX_PARALLELISM), own)).isEmpty();
  }
}
