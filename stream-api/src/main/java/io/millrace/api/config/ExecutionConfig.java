package io.millrace.api.config;

import java.util.Map;

/**
 * Some settings of a job under the names of the DataStream API. Each is a key of the configuration;
 * see {@link CheckpointConfig}. While the job runs, they can be read only.
 */
public final class ExecutionConfig {
  private final SettingsAccess settings;

  public ExecutionConfig(SettingsAccess settings) {
    this.settings = settings;
  }

  /** Parameters of a program that all its functions can read. */
  public abstract static class GlobalJobParameters {
    /** What reaches the functions. */
    public abstract Map<String, String> toMap();
  }

  /** Subtasks of operators that do not say. */
  public int getParallelism() {
    return settings.read().get(JobSettings.PARALLELISM);
  }

  /** 1 to 32768. */
  public ExecutionConfig setParallelism(int parallelism) {
    return set(JobSettings.PARALLELISM, Integer.toString(parallelism));
  }

  /** Key groups of operators that do not say. */
  public int getMaxParallelism() {
    return settings.read().get(JobSettings.MAX_PARALLELISM);
  }

  /** 1 to 32768. */
  public ExecutionConfig setMaxParallelism(int maxParallelism) {
    return set(JobSettings.MAX_PARALLELISM, Integer.toString(maxParallelism));
  }

  /** In milliseconds; 0 if generators of watermarks are not asked. */
  public long getAutoWatermarkInterval() {
    return settings.read().get(JobSettings.WATERMARK_INTERVAL).toMillis();
  }

  /**
   * How often generators of watermarks are asked though no record comes.
   *
   * @param millis 0 for never
   */
  public ExecutionConfig setAutoWatermarkInterval(long millis) {
    return set(JobSettings.WATERMARK_INTERVAL, millis + " ms");
  }

  /** What happens after a failure; by default what the cluster's settings say. */
  public void setRestartStrategy(RestartStrategies.RestartStrategyConfiguration strategy) {
    Map<String, String> values = strategy.toMap();
    for (Setting<?> setting : JobSettings.all()) {
      String value = values.get(setting.key());
      if (value != null) {
        set(setting, value);
      }
    }
  }

  public boolean isObjectReuseEnabled() {
    return settings.read().get(JobSettings.OBJECT_REUSE);
  }

  /** Mutable records are handed on without a copy. */
  public ExecutionConfig enableObjectReuse() {
    return set(JobSettings.OBJECT_REUSE, "true");
  }

  public ExecutionConfig disableObjectReuse() {
    return set(JobSettings.OBJECT_REUSE, "false");
  }

  /**
   * Hands parameters to all functions, as texts.
   *
   * @throws IllegalArgumentException if a name or value is null
   */
  public void setGlobalJobParameters(GlobalJobParameters parameters) {
    set(JobSettings.GLOBAL_PARAMETERS, Settings.writeMap(parameters.toMap()));
  }

  /** What was handed over, whatever its class was; empty if nothing was. */
  public ParameterTool getGlobalJobParameters() {
    return ParameterTool.fromMap(settings.read().get(JobSettings.GLOBAL_PARAMETERS));
  }

  private ExecutionConfig set(Setting<?> setting, String value) {
    settings.write(setting, value);
    return this;
  }
}
