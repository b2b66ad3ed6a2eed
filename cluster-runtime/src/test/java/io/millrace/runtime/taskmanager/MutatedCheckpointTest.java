package io.millrace.runtime.taskmanager;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.config.Configuration;
import io.millrace.runtime.checkpoint.CheckpointStore.CorruptStateException;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.MemoryNames;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.checkpoint.Stopped;
import io.millrace.runtime.disk.DiskFolder;
import io.millrace.runtime.plan.ChainPlan;
import io.millrace.runtime.plan.JobPlan;
import io.millrace.runtime.plan.RestoredStates;
import io.millrace.runtime.protocol.ToTaskManager.Deploy;
import io.millrace.runtime.protocol.ToTaskManager.TaskStart;
import io.millrace.runtime.state.CapturedRows;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.TaskBlueprint.InFlightChannel;
import io.millrace.runtime.task.TaskBlueprint.Restored;
import io.millrace.runtime.taskmanager.WrittenCheckpoints.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole checkpoints, of which something has been damaged, on the way that state takes into tasks:
 * what comes out is either all that was written, or nothing at all.
 */
class MutatedCheckpointTest {
  private static final int MUTATIONS = 10_000;

  /** Of what differs from a checkpoint only in where it lies. */
  private static final int SOME = 1_500;

  /** Local disks are slow, and each of them is read twice. */
  private static final int FEW = 600;

  private final SplittableRandom random = new SplittableRandom(17);
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final WrittenCheckpoints written = new WrittenCheckpoints(store);
  private final Rig rig = new Rig();
  private final Deploy deploy = new TestJob("mutated").deploy(TestJob.FIRST, 1);
  private final JobPlan plan = JobPlan.of(deploy.spec().graph(), Configuration.EMPTY);

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

  /** Incremental, with files of three checkpoints, and with elements in flight. */
  @Test
  void everyDamageOfACheckpointIsFoundOrChangesNothing() throws IOException {
    for (int i = 0; i < 4; i++) {
      written.checkpoint();
    }
    everyDamageIsFound(written.newestManifest(), written.directory(), MUTATIONS);
  }

  @Test
  void everyDamageOfASavepointIsFoundOrChangesNothing() throws IOException {
    damageSavepoint(SOME);
  }

  @Test
  void everyDamageOfAStoppedJobIsFoundOrChangesNothing() throws IOException {
    damageStoppedJob(SOME);
  }

  @Test
  void everyDamageOfALocalCopyLeadsToTheStore(@TempDir Path disk) throws IOException {
    damageLocalCopies(disk, FEW);
  }

  @Test
  @Tag("long")
  void manyDamagesOfASavepointAreFound() throws IOException {
    damageSavepoint(MUTATIONS);
  }

  @Test
  @Tag("long")
  void manyDamagesOfAStoppedJobAreFound() throws IOException {
    damageStoppedJob(MUTATIONS);
  }

  @Test
  @Tag("long")
  void manyDamagesOfLocalCopiesLeadToTheStore(@TempDir Path disk) throws IOException {
    damageLocalCopies(disk, MUTATIONS);
  }

  private void damageSavepoint(int mutations) throws IOException {
    written.savepoint("memory:/savepoints/1");
    written.savepoint("memory:/savepoints/2");
    written.savepoint("memory:/savepoints/3");
    everyDamageIsFound("memory:/savepoints/3", "memory:/savepoints/3", mutations);
  }

  /** The job's folder has a manifest that sends its reader to the savepoint. */
  private void damageStoppedJob(int mutations) throws IOException {
    written.checkpoint();
    written.savepoint("memory:/savepoints/1");
    written.stopped("memory:/savepoints/2");
    everyDamageIsFound(written.newestManifest(), "memory:/savepoints/2", mutations);
  }

  /**
   * @param path that a job is started from
   * @param files directory of the state files
   * @param mutations that do harm, beside some that do not
   */
  private void everyDamageIsFound(String path, String files, int mutations) throws IOException {
    List<String> whole = read(path, uncopied()).orElseThrow();
    Map<Place, byte[]> good = written.files();
    List<Place> needed = written.neededByNewest(files);
    for (int i = 0, found = 0; found < mutations; i++) {
      Place victim = needed.get(random.nextInt(needed.size()));
      Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
      Map<Place, byte[]> bad = damaged(victim, damage);
      for (var file : bad.entrySet()) {
        replace(file.getKey(), file.getValue());
      }
      Optional<List<String>> read = read(path, uncopied());
      String what = "mutation " + i + ", " + damage + " " + victim;
      boolean harmless =
          bad.entrySet().stream()
              .allMatch(file -> isHarmless(file.getKey(), file.getValue(), needed));
      assertThat(read).as(what).isEqualTo(harmless ? Optional.of(whole) : Optional.empty());
      found += harmless ? 0 : 1;
      for (Place place : bad.keySet()) {
        replace(place, good.get(place));
      }
    }
    assertThat(read(path, uncopied())).contains(whole);
  }

  /**
   * Of a manifest every byte counts. Of a state file those in the ranges that the manifest names:
   * what comes behind them is nobody's, and what lies between them belongs to other checkpoints
   * alone.
   */
  private boolean isHarmless(Place place, byte[] bad, List<Place> needed) {
    if (!needed.contains(place)) {
      return true;
    }
    byte[] good = written.files().get(place);
    return !place.isManifest()
        && written.rangesOfNewest(place.name()).stream()
            .allMatch(
                range ->
                    bad != null
                        && range.offset() + range.length() <= bad.length
                        && Arrays.equals(part(good, range), part(bad, range)));
  }

  private static byte[] part(byte[] file, StateBytes.InFile range) {
    return Arrays.copyOfRange(file, (int) range.offset(), (int) (range.offset() + range.length()));
  }

  /** A copy is worth as much as the file that it is a copy of, and no more. */
  private void damageLocalCopies(Path disk, int mutations) throws IOException {
    for (int i = 0; i < 4; i++) {
      written.checkpoint();
    }
    String path = written.newestManifest();
    List<Place> needed =
        written.neededByNewest(written.directory()).stream()
            .filter(place -> !place.isManifest())
            .toList();
    var folders = new TreeMap<String, StateFolder>();
    var copies = new LinkedHashMap<Place, Path>();
    for (Place place : needed) {
      DiskFolder folder = DiskFolder.make(disk.resolve("copy-" + copies.size()));
      folders.put(place.name(), folder);
      copies.put(place, folder.path());
      put(place, folder.path(), written.files().get(place));
    }
    var known = new LocalCopies.Known(folders);
    List<String> whole = read(path, uncopied()).orElseThrow();
    var emptyStore = new MemoryCheckpointStore();
    for (int i = 0; i < mutations; i++) {
      Place victim = needed.get(random.nextInt(needed.size()));
      Damage damage = Damage.values()[random.nextInt(Damage.values().length)];
      Map<Place, byte[]> bad = damaged(victim, damage);
      bad.keySet().retainAll(needed);
      for (var file : bad.entrySet()) {
        put(file.getKey(), copies.get(file.getKey()), file.getValue());
      }
      String what = "mutation " + i + ", " + damage + " " + victim;
      assertThat(read(path, new CopiedStore(store, written.directory(), known, Set.of())))
          .as(what)
          .contains(whole);
      // Where the store has nothing, whoever is sent there comes back with nothing.
      boolean harmless =
          bad.entrySet().stream()
              .allMatch(file -> isHarmless(file.getKey(), file.getValue(), needed));
      assertThat(read(path, new CopiedStore(emptyStore, written.directory(), known, Set.of())))
          .as(what)
          .isEqualTo(harmless ? Optional.of(whole) : Optional.empty());
      for (Place place : bad.keySet()) {
        put(place, copies.get(place), written.files().get(place));
      }
    }
  }

  /** A copy has a file for each range; what a damaged state file lacks, its copy lacks. */
  private void put(Place place, Path copy, byte[] content) throws IOException {
    for (StateBytes.InFile range : written.rangesOfNewest(place.name())) {
      Path file = copy.resolve(LocalCopies.fileAt(range.offset()));
      if (content == null) {
        Files.deleteIfExists(file);
      } else {
        int from = (int) Math.min(range.offset(), content.length);
        int to = (int) Math.min(range.offset() + range.length(), content.length);
        Files.write(file, Arrays.copyOfRange(content, from, to));
      }
    }
  }

  private void replace(Place place, byte[] content) throws IOException {
    MemoryNames names = store.names(place.directory());
    names.delete(place.name());
    if (content != null) {
      assertThat(names.createExclusive(place.name(), content)).isTrue();
    }
  }

  private Map<Place, byte[]> damaged(Place victim, Damage damage) {
    byte[] bytes = written.files().get(victim).clone();
    var bad = new LinkedHashMap<Place, byte[]>();
    switch (damage) {
      case CUT -> bad.put(victim, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
      case EMPTIED -> bad.put(victim, new byte[0]);
      case FLIPPED -> {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        bad.put(victim, bytes);
      }
      case DELETED -> bad.put(victim, null);
      case SWAPPED -> {
        Place other = any(written.others(victim));
        bad.put(victim, written.files().get(other));
        bad.put(other, written.files().get(victim));
      }
      case STALE -> bad.put(victim, written.files().get(any(written.olderOf(victim))));
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

  private Place any(List<Place> places) {
    return places.get(random.nextInt(places.size()));
  }

  private CopiedStore uncopied() {
    return new CopiedStore(store, written.directory(), LocalCopies.Known.NONE, Set.of());
  }

  /** All that tasks would be made of; empty if something is said to be wrong with it. */
  private Optional<List<String>> read(String path, CopiedStore states) throws IOException {
    var place = FindCheckpoint.Place.of(path);
    var step =
        Procedure.run(new FindCheckpoint(place.checkpoint()), store.names(place.directory()));
    var found = ((Step.Done<FindCheckpoint.Found>) step).result();
    if (found.intact().isEmpty()) {
      return Optional.empty();
    }
    Manifest manifest = found.intact().get(0).manifest();
    String directory = manifest.stopped().map(Stopped::savepoint).orElse(place.directory());
    RestoredStates divided = RestoredStates.divide(plan, manifest, false);
    var all = new ArrayList<String>();
    try {
      // The first one's is the enumerator, which left nothing.
      for (ChainPlan chain : plan.chains().subList(1, plan.chains().size())) {
        var start = new TaskStart(chain.index(), 0, 0, divided.of(chain, 0), directory);
        tell(Preparation.load(deploy, start, Configuration.EMPTY, rig, states, rig), all);
      }
      return Optional.of(all);
    } catch (CorruptStateException e) {
      return Optional.empty();
    }
  }

  private static void tell(Preparation loaded, List<String> all) throws IOException {
    for (var part : loaded.parts()) {
      all.add(part.vertex().uid());
      Restored restored = part.restored();
      restored.own().forEach(entry -> all.add("own " + text(entry)));
      restored
          .committables()
          .forEach(each -> all.add("output " + each.checkpoint() + " " + text(each.bytes())));
      restored.keyed().forEach(parts -> parts.forEach(each -> all.add("keyed " + text(each))));
      restored
          .accumulators()
          .forEach(each -> all.add("accumulator " + each.name() + " " + text(each.bytes())));
      for (CapturedRows captured : restored.captured()) {
        all.add("head " + text(captured.head()));
        for (StateFolder.File file : captured.folder().files()) {
          byte[] content = captured.folder().read(file.name(), 0, (int) file.length());
          all.add("rows " + file.name() + " " + text(content));
        }
      }
    }
    for (List<InFlightChannel> channels : loaded.inFlight().values()) {
      for (InFlightChannel channel : channels) {
        channel
            .parts()
            .forEach(each -> all.add("in flight " + channel.producer() + " " + text(each)));
      }
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, ISO_8859_1);
  }
}
