package io.millrace.simulator;

import io.millrace.api.operator.OperatorSnapshot.Committable;
import io.millrace.runtime.checkpoint.CheckpointStore;
import io.millrace.runtime.checkpoint.DamagedFactException;
import io.millrace.runtime.checkpoint.DurableNames;
import io.millrace.runtime.checkpoint.Facts;
import io.millrace.runtime.checkpoint.Manifest;
import io.millrace.runtime.checkpoint.MemoryCheckpointStore;
import io.millrace.runtime.checkpoint.StateBytes;
import io.millrace.runtime.checkpoint.SubtaskState;
import io.millrace.runtime.protocol.Epoch;
import io.millrace.runtime.protocol.JobId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Durable storage that fails before or after it has done what was asked, and that watches what
 * becomes durable: manifests come with rising checkpoint ids, from epochs that never fall, and name
 * the output that may become visible.
 */
final class SimulatedStore implements CheckpointStore {
  private final MemoryCheckpointStore store = new MemoryCheckpointStore();
  private final SplittableRandom chance;
  private final Faults faults;
  private final Ledger ledger;
  private final Trace trace;
  private boolean calm;
  private int corruptionsLeft;
  private long newestCheckpoint;
  private Epoch newestEpoch = Epoch.NONE;
  private int manifests;

  SimulatedStore(SplittableRandom chance, Faults faults, Ledger ledger, Trace trace) {
    this.chance = chance;
    this.faults = faults;
    this.ledger = ledger;
    this.trace = trace;
    this.corruptionsLeft = faults.corruptions();
  }

  void calm() {
    calm = true;
  }

  /** Manifests that became durable in this run. */
  int manifests() {
    return manifests;
  }

  @Override
  public String directoryOf(JobId job) {
    return store.directoryOf(job);
  }

  @Override
  public DurableNames names(String directory) {
    return new Watched(store.names(directory));
  }

  @Override
  public void writeState(String directory, String file, List<byte[]> parts) throws IOException {
    before("write of " + file);
    List<byte[]> written = parts;
    if (!calm && corruptionsLeft > 0 && chance.nextInt(10) == 0) {
      corruptionsLeft--;
      written = List.of(flipped(parts));
      trace.note("a bit of " + file + " flips");
    }
    store.writeState(directory, file, written);
    after("write of " + file);
  }

  private byte[] flipped(List<byte[]> parts) {
    byte[] all = new byte[parts.stream().mapToInt(p -> p.length).sum()];
    int at = 0;
    for (byte[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    if (all.length > 0) {
      all[chance.nextInt(all.length)] ^= (byte) (1 << chance.nextInt(8));
    }
    return all;
  }

  @Override
  public byte[] readState(String directory, StateBytes.InFile range) throws IOException {
    before("read of " + range.file());
    return store.readState(directory, range);
  }

  private void before(String what) throws IOException {
    if (!calm && chance.nextDouble() < faults.storeFailure()) {
      trace.note(what + " fails");
      throw new IOException(what + " fails");
    }
  }

  private void after(String what) throws IOException {
    if (!calm && chance.nextDouble() < faults.storeLostAck()) {
      trace.note(what + " loses its answer");
      throw new IOException(what + " loses its answer");
    }
  }

  private void watchManifest(byte[] bytes, String to) {
    Manifest manifest;
    try {
      manifest = Facts.decode(Manifest.class, bytes);
    } catch (DamagedFactException e) {
      throw new InvariantViolation(to + " became durable damaged: " + e.getMessage());
    }
    if (manifest.checkpoint() <= newestCheckpoint) {
      throw new InvariantViolation(
          to + " became durable after checkpoint " + newestCheckpoint + " had been");
    }
    if (manifest.epoch().compareTo(newestEpoch) < 0) {
      throw new InvariantViolation(
          to + " became durable after epoch " + newestEpoch + " commanded");
    }
    newestCheckpoint = manifest.checkpoint();
    newestEpoch = manifest.epoch();
    manifests++;
    for (SubtaskState state : manifest.states()) {
      for (Committable committable : state.committables()) {
        ledger.promise(new String(committable.bytes(), StandardCharsets.UTF_8));
      }
    }
  }

  /** One job's names, faulty and watched. */
  private final class Watched implements DurableNames {
    private final DurableNames names;

    Watched(DurableNames names) {
      this.names = names;
    }

    @Override
    public List<Entry> list(String folder) throws IOException {
      before("list of " + folder);
      return names.list(folder);
    }

    @Override
    public boolean createExclusive(String name, byte[] bytes) throws IOException {
      before("create of " + name);
      boolean created = names.createExclusive(name, bytes);
      after("create of " + name);
      return created;
    }

    @Override
    public void mkdir(String name) throws IOException {
      before("mkdir of " + name);
      names.mkdir(name);
      after("mkdir of " + name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
      before("rename to " + to);
      byte[] manifest =
          from.startsWith("tmp/") && to.contains("/manifest-") ? names.read(from) : null;
      names.rename(from, to);
      trace.note("durable: " + to);
      if (manifest != null) {
        watchManifest(manifest, to);
      }
      after("rename to " + to);
    }

    @Override
    public byte[] read(String name) throws IOException {
      before("read of " + name);
      return names.read(name);
    }

    @Override
    public void delete(String name) throws IOException {
      before("delete of " + name);
      names.delete(name);
      after("delete of " + name);
    }
  }
}
