package io.millrace.runtime.taskmanager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.state.MemoryFolder;
import io.millrace.runtime.state.StateFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CopyBesideTest {
  private static final String FILE = "data/file";

  private final MemoryShelf shelf = new MemoryShelf();
  private final CopyBeside copy = new CopyBeside(shelf, TestJob.ID, FILE);
  private final MemoryFolder captured = new MemoryFolder();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void passes(Run run, long at) {
    long next = at;
    while (run.hasNext()) {
      byte[] part = run.next(next, false);
      copy.take(new Gathering.Part(run, part));
      next += part.length;
    }
  }

  @Test
  void eachRunHasAFileOfItsOwn() throws IOException {
    captured.append("rows-1", bytes("rows"));
    passes(new Run(List.of(bytes("he"), bytes("ap")).iterator()), 0);
    passes(Run.of(captured, captured.files().get(0)), 4);

    StateFolder folder = copy.folder().orElseThrow();

    assertThat(folder.read("at-0", 0, 4)).isEqualTo(bytes("heap"));
    assertThat(folder.read("at-4", 0, 4)).isEqualTo(bytes("rows"));
    assertThat(folder.files()).hasSize(2);
  }

  @Test
  void whatCannotHaveASecondPlaceIsWritten() throws IOException {
    captured.append("rows-1", bytes("rows"));
    Run run = Run.of(captured, captured.files().get(0));
    byte[] part = run.next(0, false);
    captured.delete();
    copy.take(new Gathering.Part(run, part));

    assertThat(copy.folder().orElseThrow().read("at-0", 0, 4)).isEqualTo(bytes("rows"));
  }

  @Test
  void whatFailsLeavesNothing() {
    shelf.own.put(FILE, new MemoryFolder());
    passes(new Run(List.of(bytes("heap")).iterator()), 0);

    assertThat(copy.folder()).isEmpty();
  }
}
