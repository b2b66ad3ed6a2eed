package io.millrace.simulator;

import io.millrace.runtime.kernel.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Death or sleep right before or after a step that touches storage or sink: each ambush lies in
 * wait for whoever of a platform's processes comes to a step of its kind.
 */
final class Ambushes implements Moments.Trap {
  private static final String LATE_WRITE = "late write";
  private static final SortedMap<String, Pattern> KINDS =
      new TreeMap<>(
          Map.of(
              "claim", Pattern.compile("claims/|sealed-by|^mkdir"),
              "manifest", Pattern.compile("(create|rename) .*tmp/.*manifest-"),
              "deployment", Pattern.compile("(create|rename) .*tmp/.*deployment-"),
              "sink flush", Pattern.compile("^flush"),
              "sink commit", Pattern.compile("^commit"),
              "state file", Pattern.compile("^write data/"),
              "restore", Pattern.compile("^restore data/"),
              "retention", Pattern.compile("dropped-|^delete"),
              "end", Pattern.compile("intent|result|^settle"),
              "acquire", Pattern.compile("^acquire")));

  private final World world;
  private final SplittableRandom chance;
  private final Platform platform;
  private final List<String> laid = new ArrayList<>();
  private long struckMillis;

  /**
   * @param chance the platform's own
   */
  Ambushes(World world, SplittableRandom chance, Platform platform) {
    this.world = world;
    this.chance = chance;
    this.platform = platform;
  }

  /** When the last one struck. */
  long struckMillis() {
    return struckMillis;
  }

  /** Lies in wait for whoever comes next to a step of a drawn kind. */
  void lay() {
    var kinds = new ArrayList<>(KINDS.keySet());
    kinds.add(LATE_WRITE);
    String kind = kinds.get(chance.nextInt(kinds.size()));
    laid.add(kind);
    if (kind.equals("restore")) {
      platform.crashTaskManager();
    }
  }

  @Override
  public void at(SimulatedProcess who, boolean before, String step) {
    if (laid.isEmpty() || !who.alive() || who.paused() || !platform.knows(who)) {
      return;
    }
    for (String kind : laid) {
      if (!kind.equals(LATE_WRITE) && KINDS.get(kind).matcher(step).find()) {
        // Not always at the first of the steps of that kind, nor always before it.
        if (chance.nextInt(5) == 0) {
          laid.remove(kind);
          struckMillis = world.millis();
          strike(who, kind);
        }
        return;
      }
    }
  }

  /** Whether somebody whom the platform takes for lost writes its state when nobody asks for it. */
  boolean delaysWrite(SimulatedProcess who) {
    boolean delays = platform.isTaskManager(who) && who.alive() && laid.remove(LATE_WRITE);
    if (delays) {
      world.trace().hit("ambush at late write: TaskManager taken for lost");
      struckMillis = world.millis();
    }
    return delays;
  }

  private void strike(SimulatedProcess who, String kind) {
    boolean isTaskManager = platform.isTaskManager(who);
    String what = "ambush at " + kind + ": " + (isTaskManager ? "TaskManager" : "JobManager");
    switch (chance.nextInt(isTaskManager ? 2 : kind.equals("manifest") ? 6 : 4)) {
      case 0 -> {
        world.trace().hit(what + " killed");
        platform.crash(who);
      }
      case 1 -> {
        world.trace().hit(what + " paused");
        platform.sleep(who, 200 + chance.nextInt(isTaskManager ? 20_000 : 6_000));
      }
      case 2 -> {
        world.trace().hit(what + " paused and replaced");
        long millis = 2_000 + chance.nextInt(20_000);
        platform.sleep(who, millis);
        platform.replaceIn(100 + chance.nextLong(millis), who);
      }
      case 3 -> {
        world.trace().hit(what + " replaced while it works");
        platform.replaceIn(1 + chance.nextLong(500), who);
      }
      default -> {
        // The job starts again while a manifest is still on its way.
        world.trace().hit(what + " waits for its store, and a TaskManager dies");
        platform.delays().delayNext(Lane.FACTS, 2_000 + chance.nextInt(3_000));
        platform.crashTaskManager();
      }
    }
  }
}
