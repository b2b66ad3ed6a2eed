package io.millrace.api.operator.window;

import io.millrace.api.function.OutputTag;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.window.ProcessAllWindowFunction;
import io.millrace.api.window.Window;

/** What a {@link ProcessAllWindowFunction} may ask. */
final class ProcessAllContext<K, W extends Window, V, O>
    extends ProcessAllWindowFunction<V, O, W>.Context {
  private final Scene<K, W, O> scene;

  ProcessAllContext(ProcessAllWindowFunction<V, O, W> function, Scene<K, W, O> scene) {
    function.super();
    this.scene = scene;
  }

  @Override
  public W window() {
    return scene.window();
  }

  @Override
  public long currentProcessingTime() {
    return scene.processingTime();
  }

  @Override
  public long currentWatermark() {
    return scene.watermark();
  }

  @Override
  public KeyedStateStore windowState() {
    return scene.windowState();
  }

  @Override
  public KeyedStateStore globalState() {
    return scene.globalState();
  }

  @Override
  public <X> void output(OutputTag<X> tag, X value) {
    scene.output(tag, value);
  }
}
