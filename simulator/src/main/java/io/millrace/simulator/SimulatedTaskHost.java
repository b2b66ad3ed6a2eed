package io.millrace.simulator;

import io.millrace.api.cache.DistributedCache;
import io.millrace.api.config.Configuration;
import io.millrace.runtime.exchange.Waker;
import io.millrace.runtime.protocol.AttemptId;
import io.millrace.runtime.protocol.FileRef;
import io.millrace.runtime.protocol.JobId;
import io.millrace.runtime.state.HeapStateStore;
import io.millrace.runtime.state.RowStateStore;
import io.millrace.runtime.state.StateFolder;
import io.millrace.runtime.task.LocalDisk;
import io.millrace.runtime.task.Progress;
import io.millrace.runtime.task.StateStores;
import io.millrace.runtime.task.Task;
import io.millrace.runtime.task.TaskCommand;
import io.millrace.runtime.task.Watch;
import io.millrace.runtime.taskmanager.CopyShelf;
import io.millrace.runtime.taskmanager.TaskHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/** Steps the tasks of one process in the order that the seed decides. */
final class SimulatedTaskHost implements TaskHost {
  private static final int MAX_BUDGET = 64;
  private static final int SLOW_BUDGET = 4;

  private final World world;
  private final SimulatedProcess process;
  private final boolean apart;
  private final SimulatedDisk disk;
  private final CopyShelf copies;
  private final IntSupplier paceMicros;
  private final SplittableRandom chance;
  private final TreeMap<AttemptId, Stepped> tasks = new TreeMap<>();
  private final LongSupplier stuckMicros;

  /** Until then the thread that all tasks share, but those with their own, is in user code. */
  private long slotStuckUntilMicros;

  /**
   * @param apart whether no other job may have tasks here while one has
   * @param paceMicros least time that a step of a task takes now
   * @param stuckMicros how long a task that is cancelled next stays in user code; mostly not at all
   */
  SimulatedTaskHost(
      World world,
      SimulatedProcess process,
      boolean apart,
      SimulatedDisk disk,
      CopyShelf copies,
      IntSupplier paceMicros,
      LongSupplier stuckMicros) {
    this.paceMicros = paceMicros;
    this.stuckMicros = stuckMicros;
    this.world = world;
    this.process = process;
    this.apart = apart;
    this.disk = disk;
    this.copies = copies;
    this.chance = world.fork();
  }

  @Override
  public Waker wakerFor(AttemptId attempt, int slot, boolean ownThread) {
    return () -> {
      Stepped stepped = tasks.get(attempt);
      if (stepped != null) {
        stepped.wake();
      }
    };
  }

  @Override
  public void start(AttemptId attempt, Task task, int slot, boolean ownThread) {
    if (tasks.keySet().stream().anyMatch(other -> !other.job().equals(attempt.job()))) {
      world.trace().hit("TaskManager ran tasks of two jobs");
      if (apart) {
        throw new InvariantViolation(process + " starts " + attempt + " beside " + tasks.keySet());
      }
    }
    var stepped = new Stepped(attempt, task, ownThread);
    tasks.put(attempt, stepped);
    stepped.wake();
  }

  @Override
  public void command(AttemptId attempt, TaskCommand command) {
    Stepped stepped = tasks.get(attempt);
    if (stepped != null) {
      if (command instanceof TaskCommand.Cancel) {
        stepped.stickFor(stuckMicros.getAsLong());
      }
      stepped.commands.add(command);
      stepped.wake();
    }
  }

  /** Where they lie: of random jobs nobody reads them, those of users are on this machine. */
  @Override
  public DistributedCache files(JobId job, List<FileRef> refs) {
    var here = new TreeMap<String, Path>();
    refs.forEach(ref -> here.put(ref.file().name(), Path.of(ref.location())));
    return new DistributedCache(here);
  }

  @Override
  public void releaseFiles(JobId job) {
    if (tasks.keySet().stream().anyMatch(attempt -> attempt.job().equals(job))) {
      throw new InvariantViolation(process + " gives up files of a job whose tasks run");
    }
  }

  @Override
  public Watch watch() {
    return world;
  }

  @Override
  public LocalDisk disk() {
    return disk;
  }

  private void ended(AttemptId attempt) {
    tasks.remove(attempt);
    if (tasks.isEmpty() && disk.open() > 0) {
      throw new InvariantViolation(
          process + " has no task and " + disk.open() + " files open on its local disk");
    }
  }

  /** Whatever the job wants: both kinds of stores live in every run. */
  @Override
  public StateStores stores(AttemptId attempt, int slot, Configuration settings) {
    long cacheBytes = chance.nextInt(3) == 0 ? 0 : chance.nextInt(20_000);
    boolean heap = chance.nextBoolean();
    return (keys, first, last, maxParallelism, loader, captured) ->
        heap && captured.isEmpty()
            ? HeapStateStore.create(keys, first, last, maxParallelism, loader)
            : RowStateStore.open(
                keys,
                first,
                last,
                maxParallelism,
                loader,
                SimulatedRows.on(disk),
                cacheBytes,
                captured);
  }

  @Override
  public StateFolder newFolder(String name) throws IOException {
    return disk.newFolder();
  }

  @Override
  public CopyShelf copies() {
    return copies;
  }

  /** Where each task of a living process is, a line for each. */
  Stream<String> standing() {
    return process.alive()
        ? tasks.values().stream().map(each -> "\n  " + process + " " + each.standing())
        : Stream.empty();
  }

  /** A task and when it is stepped next. */
  private final class Stepped {
    private final AttemptId attempt;
    private final Task task;
    private final boolean ownThread;
    private final ArrayDeque<TaskCommand> commands = new ArrayDeque<>();
    private final String stepping;

    /** Some are slow, so that what leads to them is full. */
    private final int slowMicros = chance.nextInt(8) == 0 ? 1 + chance.nextInt(40_000) : 0;

    private boolean scheduled;

    /** Grows with each schedule, so that an older alarm is recognised. */
    private long alarm;

    private long stuckUntilMicros;

    Stepped(AttemptId attempt, Task task, boolean ownThread) {
      this.attempt = attempt;
      this.task = task;
      this.ownThread = ownThread;
      this.stepping = "step " + process + " " + attempt.chain();
    }

    /** Nothing of the thread that steps it goes on for so long. */
    void stickFor(long micros) {
      if (micros > 0) {
        world.trace().hit("cancelled task stuck in user code");
        if (ownThread) {
          stuckUntilMicros = world.micros() + micros;
        } else {
          slotStuckUntilMicros = world.micros() + micros;
        }
      }
    }

    /** The functions of a task have waited. */
    private void await(long micros) {
      if (micros > 0 && !ownThread) {
        throw new InvariantViolation(
            "'" + task.name() + "' waits on the thread of its slot, which others need");
      }
      if (micros > 0) {
        stuckUntilMicros = world.micros() + micros;
      }
    }

    private long stuckMicrosLeft() {
      return (ownThread ? stuckUntilMicros : slotStuckUntilMicros) - world.micros();
    }

    String standing() {
      return attempt.chain()
          + " '"
          + task.name()
          + "' "
          + (scheduled ? "is awake, " : "sleeps, ")
          + task.standing();
    }

    private int pauseMicros() {
      return Math.max(slowMicros, paceMicros.getAsInt());
    }

    void wake() {
      if (!scheduled) {
        scheduled = true;
        alarm++;
        world.after(20 + chance.nextInt(500) + pauseMicros(), stepping, this::stepSoon);
      }
    }

    private void stepSoon() {
      process.act("step", this::step);
    }

    private void step() {
      if (tasks.get(attempt) != this) {
        return;
      }
      if (stuckMicrosLeft() > 0) {
        world.after(stuckMicrosLeft(), "step late " + process, this::stepSoon);
        return;
      }
      scheduled = false;
      world.stepped();
      while (!commands.isEmpty()) {
        task.receive(commands.poll());
      }
      Progress progress =
          task.step(
              world.clockOfStep(),
              1 + chance.nextInt(pauseMicros() > 0 ? SLOW_BUDGET : MAX_BUDGET));
      await(world.takeAwaitedMicros());
      if (progress == Progress.DONE) {
        ended(attempt);
      } else if (progress == Progress.WORKED) {
        wake();
      } else {
        sleep();
      }
    }

    private void sleep() {
      long at = task.wakeAtMillis();
      if (at == Long.MAX_VALUE) {
        return;
      }
      long mine = ++alarm;
      world.afterMillis(
          Math.max(1, at - world.millis()),
          "alarm " + process + " " + attempt.chain(),
          () -> {
            if (alarm == mine) {
              wake();
            }
          });
    }
  }
}
