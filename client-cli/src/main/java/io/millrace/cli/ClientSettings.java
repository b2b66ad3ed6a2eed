package io.millrace.cli;

import io.millrace.api.config.Setting;
import io.millrace.api.config.Settings;
import java.time.Duration;
import java.util.List;

/** The settings of the command itself. */
final class ClientSettings {
  static final Setting<String> TARGET =
      Settings.string(
          "execution.target",
          null,
          "Where run starts jobs: yarn-per-job, yarn-session, yarn-application, or remote: on the standalone cluster.");
  static final Setting<Boolean> ATTACHED =
      Settings.bool(
          "execution.attached",
          "true",
          "Whether run waits for the end of the job. run-application does only if this is set.");
  static final Setting<Boolean> CANCEL_ON_EXIT =
      Settings.bool(
          "execution.shutdown-on-attached-exit",
          "false",
          "Whether the job is cancelled when a run that waits for it is interrupted.");
  static final Setting<String> RESTORE_PATH =
      Settings.string(
          "execution.state-recovery.path",
          null,
          "Retained checkpoint that the job starts from.",
          "execution.savepoint.path");
  static final Setting<Boolean> ALLOW_NON_RESTORED =
      Settings.bool(
          "execution.state-recovery.ignore-unclaimed-state",
          "false",
          "Whether state of operators that the program does not have any more is dropped.",
          "execution.savepoint.ignore-unclaimed-state");

  static final Setting<String> CLAIM_MODE =
      Settings.choice(
          "execution.state-recovery.claim-mode",
          "NO_CLAIM",
          List.of("NO_CLAIM", "CLAIM"),
          "Whose the checkpoint or savepoint is that the job starts from: NO_CLAIM leaves it alone,"
              + " CLAIM deletes it once the job has completed a checkpoint of its own.",
          "execution.savepoint-restore-mode");

  static final Setting<Duration> TIMEOUT =
      Settings.duration(
          "client.timeout",
          "60 s",
          "How long savepoint and stop wait for the savepoint, which may be completed later; and"
              + " how long the JobManager may be silent once cancel or stop was heard.");

  static final Setting<String> PROPERTIES_LOCATION =
      Settings.string(
          "yarn.properties-file.location",
          null,
          "Folder of the file in which yarn-session.sh notes its session for run; that of temporary"
              + " files if absent.");

  /** All of them, in the order of the documentation. */
  static List<Setting<?>> all() {
    return List.of(
        TARGET,
        ATTACHED,
        CANCEL_ON_EXIT,
        RESTORE_PATH,
        ALLOW_NON_RESTORED,
        CLAIM_MODE,
        TIMEOUT,
        PROPERTIES_LOCATION);
  }

  private ClientSettings() {}
}
