package io.millrace.runtime.host;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.LocalDisk;
import io.millrace.runtime.task.StateStores;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskCommand;
import io.millrace.runtime.task.Watch;
import io.millrace.runtime.taskmanager.CopyShelf;
import io.millrace.runtime.taskmanager.TaskHost;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The threads of a TaskManager's tasks: one for each slot, one for each task that may wait; and the
 * local disk for what they cannot keep in memory.
 */
final class SlotThreads implements TaskHost, AutoCloseable {
  /**
   * A step among others that only works has long ended by itself, with its files and its clients'
   * connections whole; one that is still at it waits for something.
   */
  private static final long PATIENCE_MILLIS = 100;

  private final String name;
  private final LocalDisk disk;
  private final StateBackends states;
  private final CopyShelf copies;
  private final CachedFiles files;
  private final List<SlotThread> slots;
  private final BiConsumer<AttemptId, Throwable> crashed;
  private final ConcurrentHashMap<AttemptId, SlotThread> homes = new ConcurrentHashMap<>();

  /**
   * @param metricsInterval from one line with a slot's metrics to the next
   * @param crashed told if a step throws; the engine is broken then
   */
  SlotThreads(
      String name,
      int slots,
      LocalDisk disk,
      StateBackends states,
      CopyShelf copies,
      CachedFiles files,
      Duration metricsInterval,
      BiConsumer<AttemptId, Throwable> crashed) {
    this.name = name;
    this.disk = disk;
    this.states = states;
    this.copies = copies;
    this.files = files;
    this.crashed = crashed;
    var threads = new ArrayList<SlotThread>();
    for (int slot = 0; slot < slots; slot++) {
      String each = name + "-slot-" + slot;
      StepTimes times = StepTimes.of(each, metricsInterval);
      threads.add(new SlotThread(each, false, PATIENCE_MILLIS, times, homes::remove, crashed));
    }
    this.slots = List.copyOf(threads);
  }

  @Override
  public Waker wakerFor(AttemptId attempt, int slot, boolean ownThread) {
    return home(attempt, slot, ownThread);
  }

  @Override
  public void start(AttemptId attempt, Task task, int slot, boolean ownThread) {
    home(attempt, slot, ownThread).start(attempt, Stepped.of(task));
  }

  @Override
  public void command(AttemptId attempt, TaskCommand command) {
    SlotThread home = homes.get(attempt);
    if (home != null) {
      home.command(attempt, command);
    }
  }

  @Override
  public DistributedCache files(JobId job, List<FileRef> refs) throws IOException {
    return files.open(job, refs);
  }

  @Override
  public void releaseFiles(JobId job) {
    files.release(job);
  }

  @Override
  public Watch watch() {
    return Clocks.WATCH;
  }

  @Override
  public LocalDisk disk() {
    return disk;
  }

  @Override
  public StateFolder newFolder(String name) throws IOException {
    return states.newFolder(name);
  }

  @Override
  public CopyShelf copies() {
    return copies;
  }

  @Override
  public void together(List<Loading> all) throws IOException {
    SideBySide.run(all);
  }

  @Override
  public StateStores stores(AttemptId attempt, int slot, Configuration settings) {
    return states.of(attempt, slot, settings);
  }

  /** Of each slot; tasks with threads of their own are there to wait and do not count. */
  List<StepTimes.Longest> longestSteps() {
    return slots.stream().map(slot -> slot.times().longest()).toList();
  }

  /** Tasks that have been in one step for longer than that, with their stacks. */
  List<String> stuckFor(Duration time) {
    var all = new LinkedHashSet<>(slots);
    all.addAll(homes.values());
    return all.stream().flatMap(thread -> thread.stuckFor(time).stream()).toList();
  }

  @Override
  public void close() {
    var all = new ArrayList<>(slots);
    all.addAll(homes.values());
    all.forEach(SlotThread::close);
  }

  /** Waits until the threads have ended, or the time is over. */
  void join(long millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    var all = new ArrayList<>(slots);
    all.addAll(homes.values());
    for (SlotThread thread : all) {
      thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
    }
  }

  private SlotThread home(AttemptId attempt, int slot, boolean ownThread) {
    SlotThread known = homes.get(attempt);
    if (known != null) {
      return known;
    }
    if (!ownThread) {
      homes.put(attempt, slots.get(slot));
      return slots.get(slot);
    }
    // An attempt whose preparation failed never starts; the next generation sweeps it away.
    homes.forEach(
        (older, home) -> {
          if (older.job().equals(attempt.job())
              && older.region() == attempt.region()
              && older.generation() < attempt.generation()
              && !home.started()) {
            homes.remove(older, home);
          }
        });
    StepTimes times = StepTimes.ofWaiting();
    String own = name + "-task-" + attempt;
    var thread = new SlotThread(own, true, 0, times, homes::remove, crashed);
    homes.put(attempt, thread);
    return thread;
  }
}
