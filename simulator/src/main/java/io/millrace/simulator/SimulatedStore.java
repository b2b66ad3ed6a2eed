package io.millrace.simulator;

import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DamagedFactException;
import io.millrace.runtime.checkpoint.DeploymentRecord;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.Facts;
import io.millrace.runtime.checkpoint.FindCheckpoint;
import io.millrace.runtime.checkpoint.JobResult;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.Procedure;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.Step;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.protocol.JobStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Durable storage that fails before or after it has done what was asked, is down at times, spoils
 * files, and tells the {@link Rules} what becomes durable.
 */
final class SimulatedStore implements CheckpointStore {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final TreeMap<String, Watched> watched = new TreeMap<>();

  /** Jobs that directories were given to. */
  private final TreeMap<String, JobId> takers = new TreeMap<>();

  /** State files that came when their job had its result. */
  private final TreeSet<String> late = new TreeSet<>();

  private final SplittableRandom chance;
  private final Faults.Storage faults;
  private final Moments moments;
  private final Rules rules;
  private final Trace trace;
  private boolean calm;
  private boolean down;
  private int statesToSpoil;
  private int manifestsToSpoil;
  private boolean spoilNext;
  private int manifests;
  private Runnable onSpoilt = () -> {};

  SimulatedStore(
      SplittableRandom chance, Faults faults, Moments moments, Rules rules, Trace trace) {
    this.chance = chance;
    this.faults = faults.storage();
    this.moments = moments;
    this.rules = rules;
    this.trace = trace;
    this.statesToSpoil = faults.storage().damagedStates();
    this.manifestsToSpoil = faults.storage().damagedManifests();
  }

  void calm() {
    calm = true;
    down = false;
  }

  /** Nothing works any more, until it does again. */
  boolean isDown() {
    return down;
  }

  void down(boolean isDown) {
    trace.hit(isDown ? "storage goes down" : "storage is back");
    down = isDown;
  }

  /** Manifests that became durable in this run. */
  int manifests() {
    return manifests;
  }

  /** The next manifest that becomes durable is spoilt then. */
  void spoilNextManifest() {
    spoilNext = true;
  }

  /** Does that whenever something was spoilt. */
  void whenSpoilt(Runnable reaction) {
    onSpoilt = reaction;
  }

  /** Whether anything was spoilt so far. */
  boolean spoilt() {
    return trace.tally().of("state file spoilt") + trace.tally().of("manifest spoilt") > 0;
  }

  @Override
  public String directoryOf(JobId job) {
    String directory = store.directoryOf(job);
    watched.computeIfAbsent(
        directory, name -> new Watched(Optional.of(job), directory, store.names(directory)));
    return directory;
  }

  @Override
  public String folder(String named) {
    return named;
  }

  @Override
  public DurableNames names(String directory) {
    return watched.computeIfAbsent(
        directory, name -> new Watched(Optional.empty(), directory, store.names(directory)));
  }

  /** What there is in a directory is that job's from now on. */
  void give(String directory, JobId taker) {
    takers.put(directory, taker);
  }

  /** Whether there is that checkpoint, or any if none is named. */
  boolean holds(FindCheckpoint.Place place) throws IOException {
    String name =
        place.checkpoint().isPresent()
            ? String.format(java.util.Locale.ROOT, "%019d", place.checkpoint().getAsLong())
            : "";
    return files(place.directory()).stream().anyMatch(file -> file.contains("/manifest-" + name));
  }

  /** Whether there is such a directory, though nothing may be in it. */
  boolean isThere(String directory) {
    return store.names(directory).exist();
  }

  /** All files of a job, without failing. */
  List<String> files(JobId job) throws IOException {
    return files(directoryOf(job));
  }

  /** All files in the directory of a job or savepoint, without failing. */
  List<String> files(String directory) throws IOException {
    var files = new ArrayList<String>();
    DurableNames names = store.names(directory);
    for (String folder : List.of("claims", "epochs", "data", "tmp")) {
      collect(names, folder, files);
    }
    return files;
  }

  /**
   * State files of a job that none of its checkpoints needs, without failing. Of those that came
   * after its result, whoever wrote them may be dead before he knows that.
   */
  List<String> unneeded(JobId job) throws IOException {
    DurableNames names = store.names(directoryOf(job));
    var found = Procedure.run(new FindCheckpoint(OptionalLong.empty()), names);
    var unneeded = new ArrayList<String>(files(job));
    unneeded.removeIf(file -> !file.startsWith("data/") || late.contains(file));
    ((Step.Done<FindCheckpoint.Found>) found)
        .result()
        .intact()
        .forEach(retained -> unneeded.removeAll(retained.manifest().files()));
    return unneeded;
  }

  private static void collect(DurableNames names, String folder, List<String> files)
      throws IOException {
    for (DurableNames.Entry entry : names.list(folder)) {
      String name = folder + "/" + entry.name();
      if (entry.folder()) {
        collect(names, name, files);
      } else {
        files.add(name);
      }
    }
  }

  @Override
  public void writeState(String directory, String file, Iterable<byte[]> parts) throws IOException {
    before("write " + file);
    List<byte[]> written = new ArrayList<>();
    parts.forEach(written::add);
    if (!calm && statesToSpoil > 0 && chance.nextInt(10) == 0) {
      statesToSpoil--;
      byte[] all = joined(written);
      written = List.of(spoilt(all));
      trace.hit("state file spoilt");
      names(directory);
      watched.get(directory).job.ifPresent(rules::damaged);
      onSpoilt.run();
    }
    try {
      store.writeState(directory, file, written);
    } catch (FileNotFoundException e) {
      trace.hit("state written after its job was over");
      throw e;
    }
    if (watched.containsKey(directory) && watched.get(directory).over) {
      trace.hit("state written beside what stays of an ended job");
      late.add(file);
    }
    after("write " + file);
  }

  private static byte[] joined(List<byte[]> parts) {
    byte[] all = new byte[parts.stream().mapToInt(p -> p.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }

  /** Another bit, or not all of it. */
  private byte[] spoilt(byte[] bytes) {
    if (bytes.length == 0) {
      return new byte[1];
    }
    if (chance.nextInt(3) == 0) {
      return java.util.Arrays.copyOf(bytes, chance.nextInt(bytes.length));
    }
    byte[] other = bytes.clone();
    other[chance.nextInt(other.length)] ^= (byte) (1 << chance.nextInt(8));
    return other;
  }

  @Override
  public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
    before("restore " + range.file());
    byte[] bytes = store.readState(directory, range);
    trace.hit("state read from the store");
    moments.after("restore " + range.file());
    return bytes;
  }

  @Override
  public byte[] readPart(String directory, StateBytes.InFile range, long from, int length)
      throws IOException {
    before("restore " + range.file());
    byte[] bytes = store.readPart(directory, range, from, length);
    trace.hit("state read from the store");
    moments.after("restore " + range.file());
    return bytes;
  }

  private void before(String step) throws IOException {
    moments.before(step);
    if (down) {
      trace.hit("storage operation refused in an outage");
      throw new IOException("the store is down: " + step);
    }
    if (!calm && chance.nextDouble() < faults.failure()) {
      trace.hit("storage operation failed");
      throw new IOException(step + " fails");
    }
  }

  private void after(String step) throws IOException {
    moments.after(step);
    if (!calm && chance.nextDouble() < faults.lostAck()) {
      trace.hit("storage operation done, answer lost");
      throw new IOException(step + " loses its answer");
    }
  }

  /** One job's names, or those of a savepoint, faulty and watched. */
  private final class Watched implements DurableNames {
    private final Optional<JobId> job;
    private final String directory;
    private final String kind;
    private final DurableNames names;
    private final TreeSet<String> sealed = new TreeSet<>();
    private boolean finished;
    private boolean over;
    private boolean removed;

    Watched(Optional<JobId> job, String directory, DurableNames names) {
      this.directory = directory;
      this.kind = job.isPresent() ? "" : "savepoint ";
      this.job = job;
      this.names = names;
    }

    @Override
    public List<Entry> list(String folder) throws IOException {
      before(kind + "list " + folder);
      return names.list(folder);
    }

    @Override
    public boolean createExclusive(String name, byte[] bytes) throws IOException {
      before(kind + "create " + name);
      isNotMadeAgain(name);
      boolean created = names.createExclusive(name, bytes);
      if (created && job.isPresent() && name.startsWith("tmp/") && name.contains("-manifest-")) {
        Manifest manifest = decoded(Manifest.class, bytes, name);
        rules.manifestDrafted(job.get(), manifest.epoch(), manifest.checkpoint());
      }
      nothingSealedIsOpen();
      after(kind + "create " + name);
      return created;
    }

    @Override
    public void mkdir(String name) throws IOException {
      before(kind + "mkdir " + name);
      isNotMadeAgain(name);
      names.mkdir(name);
      nothingSealedIsOpen();
      after(kind + "mkdir " + name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      before(kind + "rename " + from + " > " + to);
      byte[] bytes = from.startsWith("tmp/") ? contentOf(from) : null;
      names.rename(from, to);
      trace.note("durable: " + to);
      int seal = to.indexOf(".sealed-by-");
      if (seal > 0) {
        sealed.add(to.substring(0, seal));
      }
      if (bytes != null) {
        becameDurable(bytes, to);
      }
      nothingSealedIsOpen();
      newestIsRestorable();
      after(kind + "rename " + from + " > " + to);
    }

    private byte[] contentOf(String name) {
      try {
        return names.read(name);
      } catch (IOException e) {
        return null; // the rename will say so
      }
    }

    private void becameDurable(byte[] bytes, String to) throws IOException {
      if (job.isEmpty()) {
        if (to.contains("/manifest-")) { // else it is of a docket
          savepointIsWhole(bytes, to);
        }
      } else if (to.contains("/manifest-")) {
        Manifest manifest = decoded(Manifest.class, bytes, to);
        rules.manifestDurable(manifest, to);
        if (manifest.states().stream().anyMatch(state -> !state.channels().isEmpty())) {
          trace.hit("checkpoint with records in flight");
        }
        manifests++;
        boolean chosen = spoilNext || !calm && manifestsToSpoil > 0 && chance.nextInt(6) == 0;
        if (chosen) {
          manifestsToSpoil--;
          spoilNext = false;
          trace.hit("manifest spoilt");
          rules.damaged(job.get());
          onSpoilt.run();
          byte[] spoilt = spoilt(bytes);
          names.delete(to);
          names.createExclusive(to, spoilt);
        }
      } else if (to.contains("/deployment-")) {
        rules.deploymentDurable(job.get(), decoded(DeploymentRecord.class, bytes, to), to);
      } else if (to.endsWith("/result")) {
        finished |= decoded(JobResult.class, bytes, to).status() == JobStatus.FINISHED;
        over = true;
      }
    }

    /** A savepoint's manifest comes last, and all that it holds of output is promised by then. */
    private void savepointIsWhole(byte[] bytes, String to) throws IOException {
      Manifest manifest = decoded(Manifest.class, bytes, to);
      var data = new TreeSet<String>();
      names.list("data").forEach(entry -> data.add("data/" + entry.name()));
      if (!data.containsAll(manifest.files())) {
        throw rules.broken(to + " lacks " + manifest.files());
      }
      rules.savepointWhole(manifest, directory, to);
      trace.hit("savepoint completed");
    }

    private <F extends io.millrace.runtime.checkpoint.Fact> F decoded(
        Class<F> type, byte[] bytes, String name) {
      try {
        return Facts.decode(type, bytes);
      } catch (DamagedFactException e) {
        throw rules.broken(name + " is written damaged: " + e.getMessage());
      }
    }

    @Override
    public byte[] read(String name) throws IOException {
      before(kind + "read " + name);
      return names.read(name);
    }

    @Override
    public void delete(String name) throws IOException {
      before(kind + "delete " + name);
      names.delete(name);
      newestIsRestorable();
      after(kind + "delete " + name);
    }

    @Override
    public void removeDirectory() throws IOException {
      before(kind + "remove directory");
      names.removeDirectory();
      if (!isThere(directory)) {
        trace.hit("directory of a savepoint removed");
        removed = true;
      }
      after(kind + "remove directory");
    }

    /** What a job had for itself and needed no more. */
    private void isNotMadeAgain(String name) {
      if (removed) {
        throw rules.broken(directory + " was removed, and is made again for " + name);
      }
    }

    /** What was sealed never opens again: late writes would land in it. */
    private void nothingSealedIsOpen() throws IOException {
      if (sealed.isEmpty()) {
        return;
      }
      for (Entry entry : names.list("epochs")) {
        if (sealed.contains("epochs/" + entry.name())) {
          throw rules.broken("epochs/" + entry.name() + " was sealed, and is open again");
        }
      }
    }

    /**
     * The newest durable checkpoint stays, with all its files, until the job has finished, or the
     * one that it was given to has a checkpoint of its own.
     */
    private void newestIsRestorable() throws IOException {
      if (job.isEmpty() || finished || rules.isDamaged(job.get())) {
        return;
      }
      Optional<Manifest> newest = rules.newest(job.get());
      JobId taker = takers.get(directory);
      if (newest.isEmpty() || taker != null && rules.newest(taker).isPresent()) {
        return;
      }
      String file =
          String.format(java.util.Locale.ROOT, "manifest-%019d", newest.get().checkpoint());
      boolean there = false;
      for (Entry epoch : names.list("epochs")) {
        for (Entry fact : names.list("epochs/" + epoch.name())) {
          there |= fact.name().equals(file);
        }
      }
      if (!there) {
        throw rules.broken("the newest checkpoint " + file + " is gone");
      }
      if (newest.get().files().isEmpty()) {
        return;
      }
      var data = new TreeSet<String>();
      names.list("data").forEach(entry -> data.add("data/" + entry.name()));
      if (!data.containsAll(newest.get().files())) {
        throw rules.broken("the newest checkpoint " + file + " lacks " + newest.get().files());
      }
    }
  }

  /** Where the newest checkpoint of a job is, as a user would be told. */
  Optional<String> newestPath(JobId job) throws IOException {
    return files(job).stream()
        .filter(file -> file.startsWith("epochs/") && file.contains("/manifest-"))
        .max(java.util.Comparator.comparing(file -> file.substring(file.lastIndexOf('/'))))
        .map(file -> directoryOf(job) + "/" + file);
  }

  /** The epoch that commanded a job last. */
  Epoch lastEpoch(JobId job) throws IOException {
    Epoch last = Epoch.NONE;
    for (DurableNames.Entry entry : store.names(directoryOf(job)).list("epochs")) {
      if (entry.name().length() == Epoch.NONE.label().length()) {
        Epoch epoch = Epoch.parse(entry.name());
        last = epoch.compareTo(last) > 0 ? epoch : last;
      }
    }
    return last;
  }
}
