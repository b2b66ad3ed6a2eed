package io.millrace.api.operator.async;

import io.millrace.api.function.AsyncFunction;
import io.millrace.api.function.AsyncRetryPredicate;
import io.millrace.api.operator.Frozen;
import io.millrace.api.operator.FunctionLife;
import io.millrace.api.operator.FunctionOperator;
import io.millrace.api.operator.OperatorContext;
import io.millrace.api.operator.Output;
import io.millrace.api.operator.WaitingOperator;
import io.millrace.api.operator.async.Request.Phase;
import io.millrace.api.state.ListState;
import io.millrace.api.state.ListStateDescriptor;
import io.millrace.api.type.TypeInformation;
import io.millrace.api.window.TimestampedValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeoutException;

/**
 * Asks for each record, emits the answers. What has not left is part of every snapshot, answered or
 * not, and is asked for again by whoever is restored from it: so no answer is lost, and none is
 * emitted twice.
 */
final class AsyncOperator<I, O> implements WaitingOperator<I, O>, FunctionOperator<I, O> {
  /** Name of the state that holds what is in flight. */
  static final String IN_FLIGHT = "async/in-flight";

  private final AsyncFactory<I, O> spec;
  private final AsyncFunction<I, O> function;
  private final AsyncRetryPredicate<O> retryPredicate;
  private final FunctionLife life;
  private final Line<I, O> line;

  /** Those of the line that nobody was asked yet. */
  private final ArrayDeque<Request<I, O>> waiting = new ArrayDeque<>();

  /** In order of their deadlines, since all have the same time; among them some answered ones. */
  private final ArrayDeque<Request<I, O>> deadlines = new ArrayDeque<>();

  private final PriorityQueue<Request<I, O>> paused =
      new PriorityQueue<>(
          Comparator.<Request<I, O>>comparingLong(request -> request.retryAtMillis)
              .thenComparingLong(request -> request.number));

  private OperatorContext context;
  private Output<O> output;
  private Arrivals<I, O> arrivals;
  private ListState<TimestampedValue<I>> inFlight;
  private long numbers;

  AsyncOperator(AsyncFactory<I, O> spec) {
    this.spec = spec;
    function = spec.function();
    retryPredicate = spec.retry().getRetryPredicate();
    life = new FunctionLife(function).withoutKeys("an asynchronous function");
    line = spec.ordered() ? new Ordered<>() : new Unordered<>();
  }

  @Override
  @SuppressWarnings("unchecked") // records of I and their times
  public void open(OperatorContext context, Output<O> output) throws Exception {
    this.context = context;
    this.output = output;
    arrivals = new Arrivals<>(context.waker());
    life.open(context);
    var type =
        (TypeInformation<TimestampedValue<I>>)
            TypeInformation.of(TimestampedValue.class, spec.inputType());
    inFlight = life.states().getListState(new ListStateDescriptor<>(IN_FLIGHT, type));
    for (TimestampedValue<I> restored : inFlight.get()) {
      add(restored.value(), restored.timestamp());
    }
  }

  private void add(I value, long timestamp) {
    var request = new Request<I, O>(value, timestamp, numbers++);
    line.add(request);
    waiting.add(request);
  }

  @Override
  public void process(I value, long timestamp) throws Exception {
    add(value, timestamp);
    if (mayAsk()) {
      ask(waiting.poll());
    }
  }

  /** Requests that are answered but cannot leave yet take room too. */
  private boolean mayAsk() {
    return !waiting.isEmpty() && line.requests() - waiting.size() < spec.capacity();
  }

  private void ask(Request<I, O> request) throws Exception {
    if (request.tries == 0 && spec.timeoutMillis() > 0) {
      watch(request);
    }
    request.tries++;
    request.phase = Phase.ASKED;
    request.expected = new Answer<>(request, arrivals);
    function.asyncInvoke(request.input, request.expected);
  }

  private void watch(Request<I, O> request) {
    long deadline = context.monotonicMillis() + spec.timeoutMillis();
    request.deadlineMillis = deadline < 0 ? Long.MAX_VALUE : deadline;
    deadlines.add(request);
  }

  @Override
  public boolean full() {
    return line.requests() >= spec.capacity();
  }

  @Override
  public boolean holdsAny() {
    return !line.isEmpty();
  }

  @Override
  public boolean resume() throws Exception {
    Answer<I, O> answer = arrivals.poll();
    if (answer != null) {
      arrived(answer);
      return true;
    }
    if (line.next(this::emit, output)) {
      return true;
    }
    if (mayAsk()) {
      ask(waiting.poll());
      return true;
    }
    return false;
  }

  private void emit(Request<I, O> request) {
    for (O result : request.results) {
      output.collect(result, request.timestamp);
    }
  }

  private void arrived(Answer<I, O> answer) throws Exception {
    Request<I, O> request = answer.request;
    if (request.expected != answer) {
      return;
    }
    request.expected = null;
    if (request.phase == Phase.ASKED && wantsRetry(answer, request.tries)) {
      request.unsatisfying = answer;
      if (request.deadlineMillis <= context.monotonicMillis()) {
        deadlines.remove(request); // of the first ones
        timeOut(request);
      } else {
        long pause = Math.max(1, spec.retry().getBackoffTimeMillis(request.tries));
        request.phase = Phase.PAUSED;
        request.retryAtMillis = context.monotonicMillis() + pause;
        paused.add(request);
      }
      return;
    }
    if (answer.error() instanceof Exception failure) {
      throw failure;
    } else if (answer.error() != null) {
      // An error of a thread that is not ours says nothing about this process's health.
      throw new IllegalStateException("an asynchronous request failed", answer.error());
    }
    answer(request, answer.results());
  }

  private void answer(Request<I, O> request, Collection<O> results) {
    request.phase = Phase.ANSWERED;
    request.results = results;
    line.answered(request);
  }

  private boolean wantsRetry(Answer<I, O> answer, int tries) {
    boolean unsatisfying =
        answer.error() != null
            ? retryPredicate.exceptionPredicate().filter(p -> p.test(answer.error())).isPresent()
            : retryPredicate.resultPredicate().filter(p -> p.test(answer.results())).isPresent();
    return unsatisfying && spec.retry().canRetry(tries);
  }

  @Override
  public long nextWakeMillis() {
    while (!deadlines.isEmpty() && !deadlines.peek().isDue()) {
      deadlines.poll();
    }
    while (!paused.isEmpty() && paused.peek().phase != Phase.PAUSED) {
      paused.poll();
    }
    return Math.min(
        deadlines.isEmpty() ? Long.MAX_VALUE : deadlines.peek().deadlineMillis,
        paused.isEmpty() ? Long.MAX_VALUE : paused.peek().retryAtMillis);
  }

  @Override
  public void wake(long monotonicMillis) throws Exception {
    // An answer that is here is in time, even if the task was too busy to look at it before.
    for (Answer<I, O> answer = arrivals.poll(); answer != null; answer = arrivals.poll()) {
      arrived(answer);
    }
    while (!deadlines.isEmpty() && deadlines.peek().deadlineMillis <= monotonicMillis) {
      Request<I, O> request = deadlines.poll();
      if (request.isDue() && (request.expected == null || !request.expected.isGiven())) {
        if (request.phase == Phase.UP_TO_FUNCTION) {
          giveUp(request);
        } else {
          timeOut(request);
        }
      }
    }
    while (!paused.isEmpty() && paused.peek().retryAtMillis <= monotonicMillis) {
      Request<I, O> request = paused.poll();
      if (request.phase == Phase.PAUSED) {
        ask(request);
      }
    }
  }

  /**
   * The function may leave it at that: then the answer that it was to replace still counts. Between
   * two tries there is none to come, and nobody can know whether the function keeps the future to
   * complete it later; so it is given time, but not for ever.
   */
  private void timeOut(Request<I, O> request) throws Exception {
    request.phase = Phase.TIMED_OUT;
    if (request.expected == null) {
      request.expected = new Answer<>(request, arrivals);
      request.phase = Phase.UP_TO_FUNCTION;
      watch(request);
    }
    function.timeout(request.input, request.expected);
  }

  /** As after the last of all tries, what the last one came to is what there is. */
  private void giveUp(Request<I, O> request) throws TimeoutException {
    request.expected = null;
    if (request.unsatisfying.error() != null) {
      var failure =
          new TimeoutException(
              "a request was not answered in its "
                  + spec.timeoutMillis()
                  + " ms, and timeout() of "
                  + function.getClass().getName()
                  + " completed nothing in as long again: it has to complete the future that it is"
                  + " given, if only with an empty collection");
      failure.initCause(request.unsatisfying.error());
      throw failure;
    }
    answer(request, request.unsatisfying.results());
  }

  @Override
  public void watermark(long watermark, Output<O> output) {
    control(new Line.Control.Watermark(watermark));
  }

  @Override
  public void idle(boolean idle, Output<O> output) {
    control(new Line.Control.Idle(idle));
  }

  private void control(Line.Control control) {
    if (line.isEmpty()) {
      control.leave(output);
    } else {
      line.add(control);
    }
  }

  @Override
  public Frozen snapshot(long checkpoint) throws Exception {
    var all = new ArrayList<TimestampedValue<I>>();
    line.forEach(request -> all.add(new TimestampedValue<>(request.input, request.timestamp)));
    inFlight.update(all);
    return life.snapshot(checkpoint);
  }

  @Override
  public FunctionLife life() {
    return life;
  }

  @Override
  public void close() throws Exception {
    if (arrivals != null) {
      arrivals.close();
    }
    life.close();
  }
}
