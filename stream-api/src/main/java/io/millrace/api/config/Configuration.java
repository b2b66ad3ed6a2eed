package io.millrace.api.config;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Keys and values, immutable; read through {@link Setting}s. */
public final class Configuration {
  public static final Configuration EMPTY = new Configuration(Map.of());

  private static final String HIDDEN = "***";
  private static final String TELLING =
      "(?i)(password|passwd|secret|token|credential|apikey|api\\.key)";
  private static final Pattern SECRET = Pattern.compile(TELLING);

  /** Such as {@code -Djavax.net.ssl.keyStorePassword=...} among the flags of a JVM. */
  private static final Pattern SECRET_OPTION =
      Pattern.compile("(" + TELLING + "[^\\s=]*=)(\"[^\"]*\"|'[^']*'|\\S+)");

  private final TreeMap<String, String> values;

  public Configuration(Map<String, String> values) {
    this.values = new TreeMap<>(values);
  }

  /** The value, else the default; fails for a setting without either. */
  public <T> T get(Setting<T> setting) {
    return find(setting)
        .orElseThrow(() -> new Setting.InvalidSettingException(setting.key() + " is not set"));
  }

  /** The value, else the default, else empty. */
  public <T> Optional<T> find(Setting<T> setting) {
    String text = text(setting);
    return text == null ? Optional.empty() : Optional.of(setting.parse(text));
  }

  /** Whether the key or one of its older names is set. */
  public boolean has(Setting<?> setting) {
    return set(setting) != null;
  }

  /** This configuration with another laid over it. */
  public Configuration with(Configuration over) {
    var all = new TreeMap<>(values);
    all.putAll(over.values);
    return new Configuration(all);
  }

  public Configuration with(String key, String value) {
    return with(new Configuration(Map.of(key, value)));
  }

  public Map<String, String> asMap() {
    return Collections.unmodifiableMap(values);
  }

  private String text(Setting<?> setting) {
    String text = set(setting);
    return text != null ? text : setting.defaultText();
  }

  private String set(Setting<?> setting) {
    String text = values.get(setting.key());
    for (String older : setting.olderKeys()) {
      text = text != null ? text : values.get(older);
    }
    return text;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Configuration that && values.equals(that.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** For logs: without what may be secret. */
  @Override
  public String toString() {
    var shown = new TreeMap<String, String>();
    values.forEach((key, value) -> shown.put(key, shown(key, value)));
    return shown.toString();
  }

  private static String shown(String key, String value) {
    boolean hidden =
        key.contains(".env.")
            || SECRET.matcher(key).find()
            || key.equals(JobSettings.GLOBAL_PARAMETERS.key()) && SECRET.matcher(value).find();
    return hidden ? HIDDEN : SECRET_OPTION.matcher(value).replaceAll("$1" + HIDDEN);
  }
}
