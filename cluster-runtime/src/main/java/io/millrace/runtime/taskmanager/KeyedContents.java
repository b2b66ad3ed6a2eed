package io.millrace.runtime.taskmanager;

import io.millrace.runtime.checkpoint.StateInfo;
import io.millrace.runtime.state.StateContents;
import java.util.List;
import java.util.Optional;

/** What written state under keys holds, as a manifest tells it. */
public final class KeyedContents {
  public static List<StateInfo> of(StateContents contents) {
    return contents.states().stream().map(KeyedContents::info).toList();
  }

  private static StateInfo info(StateContents.Content each) {
    var form =
        new StateInfo.Form(
            each.shape(), Optional.of(each.keyShape()), each.expires(), each.bytes());
    return new StateInfo(
        each.name(), kind(each.kind()), each.types(), each.keys(), Optional.of(form));
  }

  private static StateInfo.Kind kind(StateContents.Kind kind) {
    return switch (kind) {
      case VALUE -> StateInfo.Kind.VALUE;
      case LIST -> StateInfo.Kind.LIST;
      case MAP -> StateInfo.Kind.MAP;
      case TIMERS -> StateInfo.Kind.TIMERS;
    };
  }

  private KeyedContents() {}
}
