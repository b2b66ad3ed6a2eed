package io.millrace.simulator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The moments right before and right after each step that touches storage or the outside, when
 * something may happen to the process that takes the step.
 */
final class Moments {
  private final World world;
  private final List<Trap> traps = new ArrayList<>();

  /** Names of processes that reach neither storage nor the outside. */
  private final TreeSet<String> keptAway = new TreeSet<>();

  /** Decides what happens at a moment: kills or stops whoever is at it, or lets it pass. */
  interface Trap {
    /**
     * @param before whether the step has not had its effect yet
     */
    void at(SimulatedProcess who, boolean before, String step);
  }

  Moments(World world) {
    this.world = world;
  }

  void add(Trap trap) {
    traps.add(trap);
  }

  /** From now on none of its steps has an effect. */
  void keepAway(SimulatedProcess who) {
    world.trace().note(who + " reaches no storage");
    keptAway.add(who.name());
  }

  void letBack(SimulatedProcess who) {
    keptAway.remove(who.name());
  }

  boolean isKeptAway(SimulatedProcess who) {
    return keptAway.contains(who.name());
  }

  /** The step has no effect if the process dies here, and a late one if it stops. */
  void before(String step) throws IOException {
    reach(true, step);
  }

  /** The step has had its effect, of which a process that dies here learns nothing. */
  void after(String step) throws IOException {
    reach(false, step);
  }

  private void reach(boolean before, String step) throws IOException {
    SimulatedProcess who = world.acting();
    if (who == null) {
      return;
    }
    if (before && keptAway.contains(who.name())) {
      world.trace().hit("storage operation of a process that was cut off");
      throw new IOException(who + " does not get through: " + step);
    }
    boolean slept = who.paused();
    for (Trap trap : traps) {
      trap.at(who, before, step);
    }
    if (!who.alive()) {
      throw new IOException(who + " died " + (before ? "before " : "after ") + step);
    }
    if (before && !slept && who.paused() && world.actsAgain()) {
      throw new SimulatedProcess.Stopped();
    }
  }
}
