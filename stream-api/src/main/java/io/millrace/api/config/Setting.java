package io.millrace.api.config;

import java.util.List;
import java.util.function.Function;

/**
 * One key of the configuration.
 *
 * @param key the name in the file
 * @param parse turns text into the value; an IllegalArgumentException's message says what is
 *     allowed
 * @param defaultText the default as it would be written in the file; {@code null} if there is none
 * @param allowed the values that are allowed, for people
 * @param description one sentence for the documentation
 * @param olderKeys names under which the key is also found
 */
public record Setting<T>(
    String key,
    Function<String, T> parse,
    String defaultText,
    String allowed,
    String description,
    List<String> olderKeys) {

  public Setting {
    olderKeys = List.copyOf(olderKeys);
  }

  /**
   * @throws InvalidSettingException naming key, value and what is allowed
   */
  public T parse(String text) {
    try {
      return parse.apply(text.strip());
    } catch (RuntimeException e) {
      throw new InvalidSettingException(
          "the value '" + text + "' of " + key + " is not allowed: " + allowed);
    }
  }

  /** A value that its key does not allow, or a key that does not exist. */
  public static final class InvalidSettingException extends IllegalArgumentException {
    public InvalidSettingException(String message) {
      super(message);
    }
  }
}
