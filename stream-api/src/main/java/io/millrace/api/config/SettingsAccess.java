package io.millrace.api.config;

/** Where the settings of a job are kept while a program describes it. */
public interface SettingsAccess {
  /** As they are now, over those that the cluster brings. */
  Configuration read();

  /**
   * @throws Setting.InvalidSettingException if the key does not allow the value
   */
  void write(Setting<?> setting, String value);

  /** Of a job that runs: nothing can be written. */
  static SettingsAccess readOnly(Configuration settings) {
    return new SettingsAccess() {
      @Override
      public Configuration read() {
        return settings;
      }

      @Override
      public void write(Setting<?> setting, String value) {
        throw new UnsupportedOperationException(
            setting.key() + " cannot be set while the job runs; set it before execute()");
      }
    };
  }
}
