package io.millrace.runtime.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whole checkpoints, manifests and state files together, of which something has been damaged. */
class MutatedCheckpointTest {
  private static final int MUTATIONS = 10_000;
  private static final long WANTED = 3;
  private static final Epoch EPOCH = new Epoch(1, 1);
  private static final JobId JOB = new JobId("a".repeat(32));

  private final SplittableRandom random = new SplittableRandom(17);
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final String directory = store.directoryOf(JOB);

  /** Files of all checkpoints by name, as they were written. */
  private final Map<String, byte[]> good = new LinkedHashMap<>();

  private enum Damage {
    CUT,
    EMPTIED,
    FLIPPED,
    DELETED,
    SWAPPED,
    STALE,
    ZEROED,
    LENGTHENED
  }

  @Test
  void everyDamageOfAFileIsFoundOrChangesNothing() throws IOException {
    store.names(directory).mkdir(JobDirectory.DATA);
    store.names(directory).mkdir(JobDirectory.open(EPOCH));
    for (long checkpoint = 1; checkpoint <= WANTED; checkpoint++) {
      write(checkpoint);
    }
    List<byte[]> whole = read().orElseThrow();
    var names = List.copyOf(good.keySet());
    var unnoticed = new ArrayList<Damage>();
    for (int i = 0; i < MUTATIONS; i++) {
      // What the wanted checkpoint is made of: the last three that were written.
      String victim = names.get(names.size() - 1 - random.nextInt(3));
      Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
      Map<String, byte[]> bad = damaged(victim, damage, names);
      replace(bad);
      Optional<List<byte[]>> read = read();
      if (read.isPresent()) {
        unnoticed.add(damage);
        assertThat(read.get())
            .as("mutation " + i + ", " + damage + " " + victim)
            .usingRecursiveComparison()
            .isEqualTo(whole);
      }
      for (String name : bad.keySet()) {
        replace(name, good.get(name));
      }
    }
    // Bytes behind the last range of a state file belong to nobody.
    assertThat(unnoticed).allMatch(damage -> damage == Damage.LENGTHENED);
  }

  private Map<String, byte[]> damaged(String victim, Damage damage, List<String> names) {
    byte[] bytes = good.get(victim).clone();
    var bad = new LinkedHashMap<String, byte[]>();
    switch (damage) {
      case CUT -> bad.put(victim, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
      case EMPTIED -> bad.put(victim, new byte[0]);
      case FLIPPED -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        bad.put(victim, bytes);
      }
      case DELETED -> bad.put(victim, null);
      case SWAPPED -> {
        String other = victim;
        while (other.equals(victim)) {
          other = names.get(random.nextInt(names.size()));
        }
        bad.put(victim, good.get(other));
        bad.put(other, good.get(victim));
      }
      // Each checkpoint has three files, in the same order.
      case STALE -> bad.put(victim, good.get(names.get(names.indexOf(victim) - 3)));
      case ZEROED -> {
        int from = random.nextInt(bytes.length - 32);
        Arrays.fill(bytes, from, from + 32, (byte) 0);
        bad.put(victim, bytes);
      }
      case LENGTHENED ->
          bad.put(victim, Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(9)));
    }
    return bad;
  }

  private void write(long checkpoint) throws IOException {
    var states = new ArrayList<SubtaskState>();
    for (int subtask = 0; subtask < 2; subtask++) {
      String file = JobDirectory.stateFile(EPOCH, checkpoint, "tm" + subtask, 1);
      byte[] content = content(600);
      good.put(file, content);
      byte[] inline = content(40);
      states.add(
          new SubtaskState(
              "uid",
              subtask,
              2,
              128,
              Optional.of(range(file, content, 0, 250)),
              List.of(new Committable(checkpoint, content(20))),
              Optional.of(range(file, content, 250, 600))));
      states.add(
          new SubtaskState(
              "other",
              subtask,
              2,
              128,
              Optional.of(new StateBytes.Inline(inline, StateBytes.crcOf(inline))),
              List.of(),
              Optional.empty()));
    }
    var manifest =
        new Manifest(JOB, "0123456789abcdef", EPOCH, 1, checkpoint, checkpoint, false, states);
    good.put("epochs/" + EPOCH.label() + "/manifest-" + checkpoint, Facts.encode(manifest));
    replace(good);
  }

  private static StateBytes range(String file, byte[] content, int from, int end) {
    return new StateBytes.InFile(
        file, from, end - from, StateBytes.crcOf(content, from, end - from));
  }

  private byte[] content(int length) {
    var bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private void replace(String name, byte[] content) throws IOException {
    MemoryNames names = store.names(directory);
    names.delete(name);
    if (content != null) {
      assertThat(names.createExclusive(name, content)).isTrue();
    }
  }

  private void replace(Map<String, byte[]> files) throws IOException {
    for (var file : files.entrySet()) {
      replace(file.getKey(), file.getValue());
    }
  }

  /** All that the wanted checkpoint holds; empty if something is said to be wrong with it. */
  private Optional<List<byte[]>> read() throws IOException {
    var step = Procedure.run(new FindCheckpoint(OptionalLong.of(WANTED)), store.names(directory));
    var found = ((Step.Done<FindCheckpoint.Found>) step).result();
    if (found.intact().isEmpty()) {
      return Optional.empty();
    }
    var all = new ArrayList<byte[]>();
    try {
      for (SubtaskState state : found.intact().get(0).manifest().states()) {
        all.add((state.uid() + state.subtask() + state.committables().size()).getBytes());
        for (Committable committable : state.committables()) {
          all.add(committable.bytes());
        }
        if (state.own().isPresent()) {
          all.add(bytes(state.own().get()));
        }
        if (state.keyed().isPresent()) {
          all.add(bytes(state.keyed().get()));
        }
      }
      return Optional.of(all);
    } catch (CheckpointStore.CorruptStateException | FileNotFoundException e) {
      return Optional.empty();
    }
  }

  private byte[] bytes(StateBytes state) throws IOException {
    return state instanceof StateBytes.InFile range
        ? store.readState(directory, range)
        : ((StateBytes.Inline) state).bytes();
  }
}
