package io.millrace.runtime.task;

import io.millrace.api.config.JobSettings;
import io.millrace.api.graph.Edge;
import io.millrace.api.operator.TimerDomain;
import io.millrace.api.operator.Timestamps;
import io.millrace.runtime.exchange.Element;
import io.millrace.runtime.exchange.InChannel;
import io.millrace.runtime.exchange.OutChannel;
import io.millrace.runtime.kernel.Check;
import io.millrace.runtime.kernel.Clock;
import io.millrace.runtime.kernel.Purpose;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One subtask at work. One thread at a time calls it: whoever runs it hands in commands with {@link
 * #receive} between steps and calls {@link #step} until that says DONE.
 *
 * <p>User code runs inside {@link #step} and {@link #close} only. The first step opens the
 * operators. What the task has to say goes to the consumer of events, from within a step.
 */
public final class Task {
  private static final int SLICE = 64;
  private static final Logger LOG = LoggerFactory.getLogger(Task.class);

  /** Wall clocks jump; a task that waits for one looks at it this often. */
  private static final long WALL_CLOCK_CHECK_MILLIS = 1_000;

  private enum Phase {
    /** Operators are made but not open. */
    NEW,
    RUNNING,
    /** All input is read; the last event-time timers fire, and what waits in operators leaves. */
    ENDING,
    /** The end of input is emitted; it may still wait for credit. */
    EMITTED,
    /** All output is gone; barriers pass until the final checkpoint is complete. */
    END_OF_DATA,
    /** Stopped at a savepoint before all input was read; barriers pass as above. */
    STOPPED,
    DONE
  }

  private final TaskBlueprint blueprint;
  private final Consumer<TaskEvent> events;
  private final Outbox outbox;
  private final Crossing crossing;
  private final ArrayDeque<TaskCommand> commands = new ArrayDeque<>();
  private Chain chain;
  private Link head;
  private Commits commits;
  private Outcomes outcomes;
  private Intake intake;
  private Backlog backlog;
  private Measuring measuring = Measuring.NOTHING;

  private Phase phase = Phase.NEW;

  /** Whether the head's watermark has advanced and its timers have not all fired. */
  private boolean firing;

  /** Timers of a restored checkpoint that were due then; {@code null} if none are left. */
  private Element.Due due;

  /**
   * Whether processing-time timers had the last turn. Then whatever else there is comes first: a
   * timer that sets itself again at once is always due, and must not keep records and barriers out.
   */
  private boolean timersHadTurn;

  private long wakeAtMillis = Long.MIN_VALUE;

  /** What a step has thrown, {@code null} if nothing; the next one closes everything. */
  private Throwable failure;

  /** Whether all is done and committed; the next step closes everything. */
  private boolean finished;

  public Task(TaskBlueprint blueprint, Consumer<TaskEvent> events) {
    this.blueprint = blueprint;
    this.events = events;
    this.outbox =
        new Outbox(
            blueprint.settings().get(JobSettings.BATCH_RECORDS),
            blueprint.settings().get(JobSettings.CHANNEL_BATCHES),
            new Overflow(
                blueprint.disk(),
                blueprint.attemptName(),
                blueprint.settings().get(JobSettings.OVERFLOW_MEMORY),
                blueprint.loader()));
    this.crossing = new Crossing(blueprint, outbox, events);
  }

  /** Finds the classes of the job; what user code expects of its thread. */
  public ClassLoader loader() {
    return blueprint.loader();
  }

  /** The operators that are fused in it, for people. */
  public String name() {
    return blueprint.chain().name();
  }

  /** Takes a command; it has its effect in the next step. */
  public void receive(TaskCommand command) {
    commands.add(command);
  }

  /** A step that ends with its budget, however long that takes. */
  public Progress step(Clock now, int budget) {
    return step(now, budget, () -> false);
  }

  /**
   * Does a bounded piece of work; never waits, unless user code does.
   *
   * @param now of the wall clock the time up to which timers are due; whoever is called in the step
   *     sees that of the blueprint's watch
   * @param budget most records and timers together
   * @param over asked more rarely as the step goes on, but not more than {@value #SLICE} records
   *     apart: whether it is to end though budget is left, as its calls turn out to be slow
   */
  public Progress step(Clock now, int budget, BooleanSupplier over) {
    if (phase == Phase.DONE) {
      return Progress.DONE;
    }
    if (failure != null) {
      fail(failure);
      return Progress.DONE;
    }
    try {
      Progress progress = finished ? end() : advance(now, budget, over);
      if (phase != Phase.DONE) {
        wakeAtMillis = nextWake(now, progress);
      }
      return progress;
    } catch (Exception | Error e) {
      if (e instanceof Error error && OperatorFailedException.fatal(error)) {
        throw error;
      }
      // Not closed at once: whoever interrupted the call means that call, not those of close, and
      // between two steps the thread takes the interrupt back.
      failure = e;
      wakeAtMillis = now.monotonicMillis();
      return Progress.WORKED;
    }
  }

  /**
   * Whether the next step does nothing but close the operators, which nobody is to interrupt. Else
   * one does so only if it has been told to cancel.
   */
  public boolean closesNext() {
    return failure != null || finished;
  }

  /** The monotonic time at which the task wants a step even if nobody wakes it. */
  public long wakeAtMillis() {
    return wakeAtMillis;
  }

  /** Gives up what the task holds without a word; for a host that goes down. */
  public void close() {
    if (phase != Phase.DONE) {
      release(null);
    }
  }

  private Progress advance(Clock now, int budget, BooleanSupplier over) throws Exception {
    outbox.now(now.monotonicMillis());
    boolean worked = obey(now);
    if (phase == Phase.DONE) {
      return Progress.DONE;
    }
    chain.now(now);
    measuring.advance(now.monotonicMillis());
    outbox.drain();
    cross(now);
    if (operatorsWork() && backlog.isTaken() && !outbox.blocked()) {
      for (Link link : chain.links()) {
        link.wakeIfDue(now.monotonicMillis());
      }
    }
    if (operatorsWork()) {
      intake.tend(now, phase == Phase.ENDING);
    }
    int left = budget;
    int done = -1;
    int slice = 1;
    while (left > 0 && done != 0 && !outbox.blocked()) {
      done = turn(now, Math.min(left, slice));
      left -= done;
      slice = Math.min(SLICE, slice * 2);
      if (over.getAsBoolean()) {
        break;
      }
    }
    chain.check();
    emitted();
    if (onlyBarriersPass() && commits.lastCommitted()) {
      finished = true; // not closed at once, as after a failure
      return Progress.WORKED;
    }
    if (worked || left < budget) {
      return Progress.WORKED;
    }
    outbox.flush();
    checkOutputs();
    return outbox.blocked() ? Progress.BLOCKED : Progress.IDLE;
  }

  /** Barriers that overtake do so before anything else happens, and even if the outbox blocks. */
  private void cross(Clock now) {
    if (crossing.on()) {
      crossing.look();
      if (phase != Phase.STOPPED && backlog.isTaken()) {
        intake.sight(now);
      }
      crossing.advance(now.monotonicMillis());
    }
  }

  /** Commands, and before the first of them the opening of the operators. */
  private boolean obey(Clock now) {
    boolean worked = false;
    if (!commands.isEmpty()
        && commands.stream().anyMatch(command -> command instanceof TaskCommand.Cancel)) {
      end();
      return true;
    }
    if (phase == Phase.NEW) {
      open(now);
      worked = true;
    }
    while (!commands.isEmpty()) {
      obey(commands.poll());
      worked = true;
    }
    return worked;
  }

  private void open(Clock now) {
    chain = new Chain(blueprint, outbox);
    chain.now(now);
    head = chain.head();
    commits = new Commits(chain, events);
    outcomes = new Outcomes(chain.links());
    intake = intake();
    backlog = Backlog.of(blueprint, chain, outbox);
    measuring =
        new Measuring(
            chain.links(), blueprint.settings().get(JobSettings.METRICS_LOG_INTERVAL), events);
    chain.open();
    chain.check();
    if (head.store != null) {
      advanceTo(head.operator.restoredWatermark().orElse(Timestamps.MIN_WATERMARK));
    }
    phase = Phase.RUNNING;
    events.accept(new TaskEvent.Opened());
    commits.restored();
  }

  private Intake intake() {
    return switch (blueprint.parts().get(0).vertex().role()) {
      case ENUMERATOR -> assignment((EnumeratorOperator) asObject(head));
      case READER -> reading((ReaderOperator) asObject(head));
      case OPERATOR, SINK -> new RecordIntake(this, head, outbox, blueprint, crossing);
    };
  }

  private SplitIntake reading(ReaderOperator reader) {
    Alignment alignment =
        reader.alignment().isEnabled()
            ? new Alignment(reader, watermark -> events.accept(new TaskEvent.Reached(watermark)))
            : null;
    InChannel splits = blueprint.inputs().get(0).channels().get(0);
    return new SplitIntake(this, head, reader, splits, outbox.batchRecords(), alignment);
  }

  private static Object asObject(Link link) {
    return link.operator;
  }

  private Assignment assignment(EnumeratorOperator operator) {
    var channels = new ArrayList<OutChannel>();
    var outlets = new ArrayList<Outbox.Outlet>();
    var owner = Outbox.Owner.of(blueprint.parts().get(0).vertex(), blueprint.settings());
    for (TaskBlueprint.Output output : blueprint.outputs()) {
      if (output.partitioning() == Edge.Partitioning.SPLITS) {
        for (OutChannel channel : output.channels()) {
          channels.add(channel);
          outlets.add(outbox.outlet(owner, List.of(channel), null, true));
        }
      }
    }
    return new Assignment(this, head, operator, channels, outlets);
  }

  private void obey(TaskCommand command) {
    if (command instanceof TaskCommand.Trigger trigger) {
      intake.trigger(trigger.checkpoint(), trigger.purpose());
    } else if (command instanceof TaskCommand.Completed completed) {
      settle(completed.checkpoint());
      outcomes.completed(completed.checkpoint());
      commits.completed(completed.checkpoint(), completed.last());
    } else if (command instanceof TaskCommand.Aborted aborted) {
      settle(aborted.checkpoint());
      outcomes.aborted(aborted.checkpoint());
    } else if (command instanceof TaskCommand.GroupReached group) {
      intake.groupHasReached(group.watermark());
    } else if (command instanceof TaskCommand.CommitDone done) {
      commits.done(done.work());
    }
  }

  private void settle(long checkpoint) {
    intake.settle(checkpoint);
    crossing.settle(checkpoint);
  }

  /** One turn of whatever is next; 0 if there is nothing to do. */
  private int turn(Clock now, int limit) throws Exception {
    if (!backlog.isTaken()) {
      return backlog.take(limit);
    }
    int fired = timersHadTurn ? 0 : fireProcessingTime(now, limit);
    timersHadTurn = fired > 0;
    if (fired > 0) {
      return fired;
    }
    int done = inputTurn(now, limit);
    return done > 0 ? done : fireProcessingTime(now, limit);
  }

  private int fireProcessingTime(Clock now, int limit) {
    boolean may = phase == Phase.RUNNING && head.store != null;
    return may ? fire(TimerDomain.PROCESSING_TIME, now.wallMillis(), limit) : 0;
  }

  /** A turn of what comes with the input, event time among it. */
  private int inputTurn(Clock now, int limit) throws Exception {
    if (due != null) {
      return fireDue(limit);
    }
    if (firing) {
      return fireEventTime(limit);
    }
    if (operatorsWork() && head.resume()) {
      return 1;
    }
    return switch (phase) {
      case RUNNING -> intake.take(now, limit);
      case ENDING -> head.holdsAny() ? intake.takeBarriers() : emitEnd();
      case EMITTED, END_OF_DATA, STOPPED -> intake.takeBarriers();
      case NEW, DONE -> 0;
    };
  }

  private int fire(TimerDomain domain, long upTo, int limit) {
    int fired = 0;
    try {
      while (fired < limit && !outbox.blocked() && head.store.fireNext(domain, upTo)) {
        fired++;
        head.operator.onTimer(head.store.firedTime(), domain);
      }
    } catch (Exception | Error e) {
      throw head.failed(e);
    }
    return fired;
  }

  private int fireEventTime(int limit) {
    int fired = head.store == null ? 0 : fire(TimerDomain.EVENT_TIME, head.currentWatermark, limit);
    if (fired < limit && !outbox.blocked()) {
      firing = false;
      head.watermark(head.currentWatermark);
      fired++;
    }
    return fired;
  }

  /** Timers that were due at the cut see the event time that they were due at. */
  private int fireDue(int limit) {
    long now = head.currentWatermark;
    head.currentWatermark = Math.max(now, due.watermark());
    int fired = 0;
    try {
      while (fired < limit
          && !outbox.blocked()
          && head.store.fireNext(TimerDomain.EVENT_TIME, due.watermark(), due.groups())) {
        fired++;
        head.operator.onTimer(head.store.firedTime(), TimerDomain.EVENT_TIME);
      }
    } catch (Exception | Error e) {
      throw head.failed(e);
    } finally {
      head.currentWatermark = now;
    }
    if (fired < limit && !outbox.blocked()) {
      due = null;
      fired++;
    }
    return fired;
  }

  private int emitEnd() {
    chain.endOfInput();
    outbox.control(new Element.EndOfInput());
    phase = Phase.EMITTED;
    return 1;
  }

  private void emitted() {
    if (phase == Phase.EMITTED && !outbox.blocked()) {
      phase = Phase.END_OF_DATA;
      events.accept(new TaskEvent.EndOfData());
    }
  }

  /**
   * Event time has advanced in all inputs, unless the restored state is ahead of them. Nothing else
   * is taken in until all timers have fired.
   */
  void advanceTo(long watermark) {
    if (watermark > head.currentWatermark) {
      head.currentWatermark = watermark;
      firing = true;
    }
  }

  /** No record follows in any input, which may be said again: a drain can come after the end. */
  void endOfInput() {
    if (phase == Phase.RUNNING) {
      phase = Phase.ENDING;
      advanceTo(Timestamps.MAX_WATERMARK);
    }
  }

  /** A barrier has arrived in all inputs, or starts here. */
  void cut(Element.Barrier barrier) {
    long checkpoint = barrier.checkpoint();
    Purpose purpose = barrier.purpose();
    if (crossing.concerns(purpose)) {
      cutAhead(barrier, null);
      return;
    }
    crossing.drop();
    chain.check();
    List<TaskEvent.OperatorCut> cuts = chain.cut(checkpoint, purpose);
    outcomes.cut(checkpoint, purpose);
    outbox.control(barrier);
    events.accept(new TaskEvent.Cut(checkpoint, purpose.directory(), cuts));
    if (purpose.kind() == Purpose.Kind.STOP) {
      intake.stopped();
      boolean holdsBack = phase == Phase.ENDING && !firing && head.holdsAny();
      phase = phase == Phase.RUNNING || holdsBack ? Phase.STOPPED : phase;
    }
  }

  /**
   * A barrier that may overtake has arrived in some inputs, or in all.
   *
   * @param recording of those in which it has not; else {@code null}
   */
  void cutAhead(Element.Barrier barrier, Recording recording) {
    chain.check();
    List<TaskEvent.OperatorCut> cuts = chain.cut(barrier.checkpoint(), Purpose.CHECKPOINT);
    outcomes.cut(barrier.checkpoint(), Purpose.CHECKPOINT);
    crossing.cut(barrier, cuts, recording, chain.now().monotonicMillis());
  }

  /** Whether timers are to fire for the event time that was taken in last. */
  boolean isFiring() {
    return firing;
  }

  /**
   * What a checkpoint that is cut now must say of timers, {@code null} if nothing: the rest of
   * those that are firing, unless the operator's state tells. The end of input is said again.
   */
  Element.Due due() {
    boolean untold = firing && head.store != null && head.operator.restoredWatermark().isEmpty();
    return untold && head.currentWatermark < Timestamps.MAX_WATERMARK
        ? new Element.Due(head.keyGroups(), head.currentWatermark)
        : null;
  }

  /** Timers of a restored checkpoint fire before anything else is taken in. */
  void fireDue(Element.Due restored) {
    Check.that(head.store != null, "timers due at an operator that has any");
    due = restored;
  }

  /** An enumerator tells its readers to end where they are, and ends itself. */
  void drain(long checkpoint) {
    outbox.control(new Element.Barrier(checkpoint, Purpose.DRAIN));
    endOfInput();
  }

  /** Consumers may be gone once they have everything: they end a moment before this task. */
  private void checkOutputs() {
    if (!onlyBarriersPass()) {
      outbox.check();
    }
  }

  /** Whether operators are called for other reasons than barriers. */
  private boolean operatorsWork() {
    return phase == Phase.RUNNING || phase == Phase.ENDING;
  }

  private boolean onlyBarriersPass() {
    return phase == Phase.END_OF_DATA || phase == Phase.STOPPED;
  }

  private long nextWake(Clock now, Progress progress) {
    long tend = operatorsWork() ? intake.tendAtMillis() : Long.MAX_VALUE;
    if (outbox.blocked()) {
      return Math.min(tend, crossing.dueAtMillis());
    }
    if (progress == Progress.WORKED) {
      return now.monotonicMillis();
    }
    long wake = Math.min(tend, Math.min(outbox.flushAtMillis(), crossing.dueAtMillis()));
    wake = Math.min(wake, measuring.dueAtMillis());
    if (operatorsWork()) {
      for (Link link : chain.links()) {
        wake = Math.min(wake, link.operator.nextWakeMillis());
      }
    }
    if (phase == Phase.RUNNING) {
      wake = Math.min(wake, intake.wakeAtMillis());
      wake = Math.min(wake, processingTimeWake(now));
    }
    return wake;
  }

  private long processingTimeWake(Clock now) {
    long timer =
        head.store == null ? Long.MAX_VALUE : head.store.earliestTimer(TimerDomain.PROCESSING_TIME);
    if (timer == Long.MAX_VALUE) {
      return timer;
    }
    long wait = timer <= now.wallMillis() ? 0 : timer - now.wallMillis();
    return now.monotonicMillis() + (wait < 0 ? WALL_CLOCK_CHECK_MILLIS : capped(wait));
  }

  private static long capped(long waitMillis) {
    return Math.min(waitMillis, WALL_CLOCK_CHECK_MILLIS);
  }

  private Progress end() {
    measuring.tell();
    Throwable failure = release(null);
    if (failure instanceof Error error && OperatorFailedException.fatal(error)) {
      throw error;
    }
    if (failure != null) {
      // All that counts is committed, or was given up on purpose.
      LOG.warn("{} could not be closed cleanly", blueprint.attemptName(), failure);
    }
    events.accept(new TaskEvent.Ended());
    return Progress.DONE;
  }

  private void fail(Throwable failure) {
    boolean named = failure instanceof OperatorFailedException;
    Throwable cause = named ? failure.getCause() : failure;
    measuring.tell();
    release(cause);
    String operator = named ? ((OperatorFailedException) failure).operator() : "";
    events.accept(new TaskEvent.Failed(operator, cause));
  }

  /** Closes everything; failures to do so are added to the given one or returned. */
  private Throwable release(Throwable cause) {
    phase = Phase.DONE;
    crossing.drop();
    Throwable first = cause;
    if (chain != null) {
      first = chain.close(cause);
    } else {
      blueprint.parts().forEach(part -> part.restored().discard());
    }
    outbox.close();
    for (TaskBlueprint.Output output : blueprint.outputs()) {
      output.channels().forEach(OutChannel::close);
    }
    for (TaskBlueprint.Input input : blueprint.inputs()) {
      input.channels().forEach(channel -> channel.close());
    }
    return first;
  }

  /** Records taken in so far. */
  public long recordsIn() {
    return intake == null ? 0 : intake.recordsIn();
  }

  /** What the operators have measured so far; of the task's thread. */
  public List<TaskEvent.Measurement> measurements() {
    return measuring.read();
  }

  /** Where the task is and what it may be waiting for, for people. */
  public String standing() {
    return phase
        + " after "
        + recordsIn()
        + " records in and "
        + recordsOut()
        + " out; of its inputs "
        + (intake == null ? "nothing is known" : intake.standing())
        + "; "
        + outbox.standing();
  }

  /** Records handed to channels so far. */
  public long recordsOut() {
    return outbox.recordsOut();
  }

  /** Bytes that wait for consumers in memory, by estimate, beside one batch. */
  public long overflowInMemory() {
    return outbox.overflow().bytesHeld();
  }

  /** Bytes of local disk that what waits for consumers takes. */
  public long overflowOnDisk() {
    return outbox.overflow().bytesOnDisk();
  }
}
