package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.JobDirectory;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.StateFolder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A TaskManager as far as the files of its state go: rows that are flushed and compacted into local
 * files, and the engine's own decisions about which of them a checkpoint writes and which it names
 * again.
 */
public final class ModelledTaskManager {
  private static final String UID = "rows";
  private static final int REGION = 0;

  private final JobId job;
  private final String name;
  private final SplittableRandom random;
  private final TreeMap<AttemptId, TreeMap<String, byte[]>> rows = new TreeMap<>();
  private final CompletedFiles files = new CompletedFiles();
  private int generation;
  private int parallelism;
  private int filesMade;
  private long stateFiles;

  public ModelledTaskManager(JobId job, String name, SplittableRandom random) {
    this.job = job;
    this.name = name;
    this.random = random;
  }

  /**
   * Ends all attempts and starts others.
   *
   * @param restored what each new subtask goes on with, by its index; of a checkpoint of the job
   * @param asItIs whether each has just what one subtask had
   */
  public void deploy(
      int newGeneration,
      int newParallelism,
      Map<Integer, SubtaskState> restored,
      List<Integer> subtasks,
      boolean asItIs,
      DurableNames names)
      throws IOException {
    rows.keySet().forEach(files::ended);
    rows.clear();
    generation = newGeneration;
    parallelism = newParallelism;
    for (int subtask : subtasks) {
      AttemptId id = attempt(subtask);
      var local = new TreeMap<String, byte[]>();
      SubtaskState state = restored.get(subtask);
      if (state != null && asItIs) {
        var keyed = (StateBytes.Files) state.keyed().orElseThrow();
        for (StateBytes.Piece piece : keyed.pieces()) {
          local.put(piece.name(), read(piece.bytes(), names));
        }
        files.restored(id, List.of(state));
      }
      rows.put(id, local);
    }
  }

  private AttemptId attempt(int subtask) {
    return new AttemptId(job, REGION, generation, 0, subtask);
  }

  /** A flush, or a compaction of some files into one. */
  public void change() {
    if (rows.isEmpty()) {
      return;
    }
    List<TreeMap<String, byte[]>> all = List.copyOf(rows.values());
    TreeMap<String, byte[]> one = all.get(random.nextInt(all.size()));
    int merged = random.nextInt(3) == 0 ? random.nextInt(one.size() + 1) : 0;
    for (int i = 0; i < merged; i++) {
      one.remove(List.copyOf(one.keySet()).get(random.nextInt(one.size())));
    }
    String file = String.format("%06d.sst", ++filesMade);
    byte[] bytes = new byte[1 + random.nextInt(60)];
    Arrays.fill(bytes, (byte) (name.hashCode() * 31 + filesMade));
    one.put(file, bytes);
  }

  /** Writes its part of a checkpoint, as the engine does. */
  public List<SubtaskState> write(long checkpoint, Epoch epoch, DurableNames names)
      throws IOException {
    String stateFile = JobDirectory.stateFile(epoch, checkpoint, name, ++stateFiles);
    CompletedFiles.Known before = files.known();
    var taken = new LinkedHashMap<AttemptId, TakenFiles>();
    for (var entry : rows.entrySet()) {
      byte[] head = ("head of " + entry.getKey()).getBytes(StandardCharsets.UTF_8);
      var captured = new CapturedRows(head, new InMemory(new TreeMap<>(entry.getValue())));
      taken.put(entry.getKey(), new TakenFiles(captured, before.of(entry.getKey(), UID)));
    }
    TakenFiles.leaveHardlyUsed(List.copyOf(taken.values()));
    var bytes = new ByteArrayOutputStream();
    for (TakenFiles each : taken.values()) {
      for (Run run : each.runs()) {
        while (run.hasNext()) {
          bytes.writeBytes(run.next(bytes.size(), false));
        }
      }
    }
    names.createExclusive(stateFile, bytes.toByteArray());
    var byAttempt = new TreeMap<AttemptId, List<SubtaskState>>();
    var states = new ArrayList<SubtaskState>();
    taken.forEach(
        (id, each) -> {
          var state =
              new SubtaskState(
                  UID,
                  id.subtask(),
                  parallelism,
                  128,
                  Optional.empty(),
                  List.of(),
                  Optional.of(each.place(Optional.of(stateFile), bytes.size())));
          states.add(state);
          byAttempt.put(id, List.of(state));
        });
    files.written(of(checkpoint), byAttempt);
    return states;
  }

  public void completed(long checkpoint) {
    files.completed(of(checkpoint));
  }

  public void aborted(long checkpoint) {
    files.forget(of(checkpoint));
  }

  private CheckpointOf of(long checkpoint) {
    return new CheckpointOf(job, REGION, generation, checkpoint);
  }

  /** All local files, as they are now, by subtask. */
  public Map<Integer, Map<String, byte[]>> contents() {
    var contents = new TreeMap<Integer, Map<String, byte[]>>();
    rows.forEach((id, local) -> contents.put(id.subtask(), new TreeMap<>(local)));
    return contents;
  }

  /** The bytes of a piece, if they are what was written. */
  public static byte[] read(StateBytes bytes, DurableNames names) throws IOException {
    var range = (StateBytes.InFile) bytes;
    byte[] all = names.read(range.file());
    int from = (int) range.offset();
    byte[] part = Arrays.copyOfRange(all, from, from + (int) range.length());
    if (StateBytes.crcOf(part) != range.crc32c()) {
      throw new IOException(range + " does not match its CRC32C");
    }
    return part;
  }

  /** Local files that never change. */
  private record InMemory(TreeMap<String, byte[]> contents) implements StateFolder {
    @Override
    public List<File> files() {
      return contents.entrySet().stream()
          .map(entry -> new File(entry.getKey(), entry.getValue().length, true))
          .toList();
    }

    @Override
    public byte[] read(String file, long from, int length) {
      return Arrays.copyOfRange(contents.get(file), (int) from, (int) from + length);
    }

    @Override
    public void verify(String file) {}

    @Override
    public void write(String file, Iterable<byte[]> parts) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void append(String file, byte[] part) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void link(String file, StateFolder from, String fileThere) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void delete() {}
  }
}
