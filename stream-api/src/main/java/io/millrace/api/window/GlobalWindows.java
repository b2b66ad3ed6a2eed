package io.millrace.api.window;

import io.millrace.api.type.TypeInformation;
import java.util.Collection;
import java.util.List;

/** All records of a key in one window, which never ends; it needs a trigger to be of use. */
public final class GlobalWindows extends WindowAssigner<Object, GlobalWindow> {
  private static final List<GlobalWindow> ONLY = List.of(GlobalWindow.get());

  private final Trigger<Object, GlobalWindow> trigger;

  private GlobalWindows(Trigger<Object, GlobalWindow> trigger) {
    this.trigger = trigger;
  }

  /** Fires only when a trigger says so. */
  public static GlobalWindows create() {
    return new GlobalWindows(new NeverTrigger());
  }

  /** Fires at the end of bounded input. */
  public static GlobalWindows createWithEndOfStreamTrigger() {
    return new GlobalWindows(new EndOfStreamTrigger());
  }

  @Override
  public Collection<GlobalWindow> assignWindows(
      Object element, long timestamp, WindowAssignerContext context) {
    return ONLY;
  }

  @Override
  public Trigger<Object, GlobalWindow> getDefaultTrigger() {
    return trigger;
  }

  @Override
  public boolean isEventTime() {
    return false;
  }

  @Override
  public TypeInformation<GlobalWindow> getWindowType() {
    return GlobalWindow.TYPE;
  }

  @Override
  public String toString() {
    return "GlobalWindows";
  }

  /** Never fires. */
  private static final class NeverTrigger extends Trigger<Object, GlobalWindow> {
    @Override
    public TriggerResult onElement(
        Object element, long timestamp, GlobalWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, GlobalWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, GlobalWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public void clear(GlobalWindow window, TriggerContext ctx) {}
  }

  /** Fires at the last watermark. */
  private static final class EndOfStreamTrigger extends Trigger<Object, GlobalWindow> {
    @Override
    public TriggerResult onElement(
        Object element, long timestamp, GlobalWindow window, TriggerContext ctx) {
      ctx.registerEventTimeTimer(window.maxTimestamp());
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onProcessingTime(long time, GlobalWindow window, TriggerContext ctx) {
      return TriggerResult.CONTINUE;
    }

    @Override
    public TriggerResult onEventTime(long time, GlobalWindow window, TriggerContext ctx) {
      return time == window.maxTimestamp() ? TriggerResult.FIRE_AND_PURGE : TriggerResult.CONTINUE;
    }

    @Override
    public void clear(GlobalWindow window, TriggerContext ctx) {
      ctx.deleteEventTimeTimer(window.maxTimestamp());
    }
  }
}
