package io.millrace.api.metrics;

/**
 * Names for the metrics of one operator's subtask; of the task's thread only. A metric that is
 * given a name which another one has takes its place.
 */
public interface MetricGroup {
  /** The counter of that name, made when it is first asked for. */
  Counter counter(String name);

  /** The counter of that number as its name. */
  default Counter counter(int name) {
    return counter(Integer.toString(name));
  }

  /** Names a counter; returns it. */
  Counter counter(String name, Counter counter);

  /** Like the above with a number for a name. */
  default Counter counter(int name, Counter counter) {
    return counter(Integer.toString(name), counter);
  }

  /** Names a gauge; returns it. */
  <T, G extends Gauge<T>> G gauge(String name, G gauge);

  /** Like the above with a number for a name. */
  default <T, G extends Gauge<T>> G gauge(int name, G gauge) {
    return gauge(Integer.toString(name), gauge);
  }

  /** Names a meter; returns it. */
  <M extends Meter> M meter(String name, M meter);

  /** Like the above with a number for a name. */
  default <M extends Meter> M meter(int name, M meter) {
    return meter(Integer.toString(name), meter);
  }

  /** Names a histogram; returns it. */
  <H extends Histogram> H histogram(String name, H histogram);

  /** Like the above with a number for a name. */
  default <H extends Histogram> H histogram(int name, H histogram) {
    return histogram(Integer.toString(name), histogram);
  }

  /** The group of that name in this one; its metrics are named {@code name.metric}. */
  MetricGroup addGroup(String name);

  /** The group of that number as its name. */
  default MetricGroup addGroup(int name) {
    return addGroup(Integer.toString(name));
  }

  /** The group of that value in the group of that key. */
  default MetricGroup addGroup(String key, String value) {
    return addGroup(key).addGroup(value);
  }

  /** How the metric of that name is shown: with the names of all groups that it is in. */
  String getMetricIdentifier(String name);
}
