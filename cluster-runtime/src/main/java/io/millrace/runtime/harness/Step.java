package io.millrace.runtime.harness;

/** Something that is done to a channel, or with the clock. */
sealed interface Step {
  /** A step of one channel, those of all inputs counted from 0. */
  sealed interface OfChannel extends Step {
    int channel();

    /** The same, that much later in event time. */
    OfChannel later(long millis);
  }

  record Element(int channel, Object value, long timestamp) implements OfChannel {
    @Override
    public Element later(long millis) {
      return new Element(channel, value, timestamp + millis);
    }

    @Override
    public String toString() {
      return "channel " + channel + ": " + value + " at " + timestamp;
    }
  }

  record Watermark(int channel, long time) implements OfChannel {
    @Override
    public Watermark later(long millis) {
      return new Watermark(channel, time + millis);
    }

    @Override
    public String toString() {
      return "channel " + channel + ": watermark " + time;
    }
  }

  record Idle(int channel, boolean idle) implements OfChannel {
    @Override
    public Idle later(long millis) {
      return this;
    }

    @Override
    public String toString() {
      return "channel " + channel + ": " + (idle ? "idle" : "active");
    }
  }

  /**
   * @param nth which of the checkpoints, from 0
   */
  record Barrier(int channel, int nth) implements OfChannel {
    @Override
    public Barrier later(long millis) {
      return this;
    }

    @Override
    public String toString() {
      return "channel " + channel + ": barrier " + (nth + 1);
    }
  }

  record Clock(long time) implements Step {
    @Override
    public String toString() {
      return "the clock: " + time;
    }
  }

  /** Of all channels. */
  record End() implements Step {
    @Override
    public String toString() {
      return "the end of all channels";
    }
  }
}
