package io.millrace.api.metrics;

import java.util.Map;
import java.util.TreeMap;

/** All metrics of one operator's subtask, and what they say. */
public final class Metrics {
  /** How often a {@link View} must be told the time. */
  public static final long UPDATE_MILLIS = 5_000;

  private final TreeMap<String, Metric> byName = new TreeMap<>();

  /** The outermost group. */
  public MetricGroup group() {
    return new Group("");
  }

  public boolean isEmpty() {
    return byName.isEmpty();
  }

  /** Whether there are some that depend on time. */
  public boolean needTime() {
    for (Metric metric : byName.values()) {
      if (metric instanceof View) {
        return true;
      }
    }
    return false;
  }

  /** Tells the time to those that depend on it. */
  public void update(long monotonicMillis) {
    for (Metric metric : byName.values()) {
      if (metric instanceof View view) {
        view.update(monotonicMillis);
      }
    }
  }

  /**
   * What they say now, by name: numbers and texts. A meter says {@code name.count} and {@code
   * name.rate}, a histogram {@code name.count}, {@code .min}, {@code .mean}, {@code .p50}, {@code
   * .p95}, {@code .p99} and {@code .max}. One whose code throws says what.
   */
  public Map<String, Object> read() {
    var all = new TreeMap<String, Object>();
    byName.forEach(
        (name, metric) -> {
          try {
            read(name, metric, all);
          } catch (RuntimeException e) {
            all.put(name, "failed: " + e);
          }
        });
    return all;
  }

  private static void read(String name, Metric metric, Map<String, Object> into) {
    if (metric instanceof Counter counter) {
      into.put(name, counter.getCount());
    } else if (metric instanceof Gauge<?> gauge) {
      Object value = gauge.getValue();
      into.put(name, value instanceof Number ? value : String.valueOf(value));
    } else if (metric instanceof Meter meter) {
      into.put(name + ".count", meter.getCount());
      into.put(name + ".rate", meter.getRate());
    } else if (metric instanceof Histogram histogram) {
      HistogramStatistics some = histogram.getStatistics();
      into.put(name + ".count", histogram.getCount());
      into.put(name + ".min", some.getMin());
      into.put(name + ".mean", some.getMean());
      into.put(name + ".p50", some.getQuantile(0.5));
      into.put(name + ".p95", some.getQuantile(0.95));
      into.put(name + ".p99", some.getQuantile(0.99));
      into.put(name + ".max", some.getMax());
    }
  }

  /**
   * @param prefix of names; ends with a dot unless it is empty
   */
  private final class Group implements MetricGroup {
    private final String prefix;

    Group(String prefix) {
      this.prefix = prefix;
    }

    @Override
    public Counter counter(String name) {
      return byName.get(getMetricIdentifier(name)) instanceof Counter known
          ? known
          : counter(name, new Counter());
    }

    @Override
    public Counter counter(String name, Counter counter) {
      return named(name, counter);
    }

    @Override
    public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
      return named(name, gauge);
    }

    @Override
    public <M extends Meter> M meter(String name, M meter) {
      return named(name, meter);
    }

    @Override
    public <H extends Histogram> H histogram(String name, H histogram) {
      return named(name, histogram);
    }

    private <M extends Metric> M named(String name, M metric) {
      if (metric == null) {
        throw new IllegalArgumentException(
            "the metric '" + getMetricIdentifier(name) + "' is null");
      }
      byName.put(getMetricIdentifier(name), metric);
      return metric;
    }

    @Override
    public MetricGroup addGroup(String name) {
      return new Group(getMetricIdentifier(name) + ".");
    }

    @Override
    public String getMetricIdentifier(String name) {
      return prefix + name;
    }
  }
}
