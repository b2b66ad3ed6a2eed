package io.millrace.api.operator.window;

import io.millrace.api.function.OutputTag;
import io.millrace.api.state.KeyedStateStore;
import io.millrace.api.window.ProcessWindowFunction;
import io.millrace.api.window.Window;

/** What a {@link ProcessWindowFunction} may ask. */
final class ProcessContext<K, W extends Window, V, O>
    extends ProcessWindowFunction<V, O, K, W>.Context {
  private final Scene<K, W, O> scene;

  ProcessContext(ProcessWindowFunction<V, O, K, W> function, Scene<K, W, O> scene) {
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
