package io.millrace.api.operator.async;

import io.millrace.api.operator.Output;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/** Everything leaves as it came. */
final class Ordered<I, O> implements Line<I, O> {
  /**
   * @param request null for a control element
   */
  private record Place<I, O>(Request<I, O> request, Control control) {}

  private final ArrayDeque<Place<I, O>> places = new ArrayDeque<>();
  private int requests;

  @Override
  public void add(Request<I, O> request) {
    places.add(new Place<>(request, null));
    requests++;
  }

  @Override
  public void add(Control control) {
    boolean replaces =
        control instanceof Control.Watermark
            && !places.isEmpty()
            && places.peekLast().control instanceof Control.Watermark;
    if (replaces) {
      places.pollLast();
    }
    places.add(new Place<>(null, control));
  }

  @Override
  public void answered(Request<I, O> request) {}

  @Override
  public boolean next(Consumer<Request<I, O>> request, Output<O> output) {
    Place<I, O> first = places.peek();
    if (first == null) {
      return false;
    }
    if (first.control != null) {
      places.poll();
      first.control.leave(output);
      return true;
    }
    if (first.request.phase != Request.Phase.ANSWERED) {
      return false;
    }
    places.poll();
    requests--;
    request.accept(first.request);
    return true;
  }

  @Override
  public void forEach(Consumer<Request<I, O>> visitor) {
    for (Place<I, O> place : places) {
      if (place.request != null) {
        visitor.accept(place.request);
      }
    }
  }

  @Override
  public int requests() {
    return requests;
  }

  @Override
  public boolean isEmpty() {
    return places.isEmpty();
  }
}
