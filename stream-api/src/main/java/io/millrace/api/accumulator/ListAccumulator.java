package io.millrace.api.accumulator;

import java.io.Serializable;
import java.util.ArrayList;

/** All values, in no order that could be relied on; for few of them. */
public final class ListAccumulator<T extends Serializable> implements Accumulator<T, ArrayList<T>> {
  private ArrayList<T> all = new ArrayList<>();

  @Override
  public void add(T value) {
    all.add(value);
  }

  @Override
  public ArrayList<T> getLocalValue() {
    return all;
  }

  @Override
  public void resetLocal() {
    all.clear();
  }

  @Override
  public void merge(Accumulator<T, ArrayList<T>> other) {
    all.addAll(other.getLocalValue());
  }

  @Override
  public ListAccumulator<T> clone() {
    var copy = new ListAccumulator<T>();
    copy.all = new ArrayList<>(all);
    return copy;
  }

  @Override
  public String toString() {
    return all.toString();
  }
}
