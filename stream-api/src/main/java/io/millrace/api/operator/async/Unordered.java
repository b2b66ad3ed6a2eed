package io.millrace.api.operator.async;

import io.millrace.api.operator.Output;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.function.Consumer;

/**
 * Requests leave as they are answered, but stay between the control elements that they came
 * between.
 */
final class Unordered<I, O> implements Line<I, O> {
  /** Requests in a row, and the control element behind them. */
  static final class Stretch<I, O> {
    /** In the order in which they came; hashed by identity, which no order depends on. */
    private final LinkedHashSet<Request<I, O>> open = new LinkedHashSet<>();

    private final ArrayDeque<Request<I, O>> answered = new ArrayDeque<>();

    /** Null for the last stretch. */
    private Control end;
  }

  /** The last one has no end. */
  private final ArrayDeque<Stretch<I, O>> stretches = new ArrayDeque<>();

  private int requests;

  Unordered() {
    stretches.add(new Stretch<>());
  }

  @Override
  public void add(Request<I, O> request) {
    request.stretch = stretches.peekLast();
    request.stretch.open.add(request);
    requests++;
  }

  @Override
  public void add(Control control) {
    Stretch<I, O> last = stretches.pollLast();
    Stretch<I, O> before = stretches.peekLast();
    boolean replaces =
        last.open.isEmpty()
            && control instanceof Control.Watermark
            && before != null
            && before.end instanceof Control.Watermark;
    if (replaces) {
      before.end = control;
    } else {
      last.end = control;
      stretches.add(last);
      last = new Stretch<>();
    }
    stretches.add(last);
  }

  @Override
  public void answered(Request<I, O> request) {
    request.stretch.answered.add(request);
  }

  @Override
  public boolean next(Consumer<Request<I, O>> request, Output<O> output) {
    Stretch<I, O> first = stretches.peek();
    Request<I, O> ready = first.answered.poll();
    if (ready != null) {
      first.open.remove(ready);
      requests--;
      request.accept(ready);
      return true;
    }
    if (first.open.isEmpty() && first.end != null) {
      stretches.poll();
      first.end.leave(output);
      return true;
    }
    return false;
  }

  @Override
  public void forEach(Consumer<Request<I, O>> visitor) {
    stretches.forEach(stretch -> stretch.open.forEach(visitor));
  }

  @Override
  public int requests() {
    return requests;
  }

  @Override
  public boolean isEmpty() {
    return requests == 0 && stretches.size() == 1;
  }
}
