package io.millrace.api;

import io.millrace.api.graph.SlotResources;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** What a program has said that slots need, by the name of their slot sharing group. */
final class SlotNeeds {
  private final TreeMap<String, SlotResources> byGroup = new TreeMap<>();

  /** A group that says nothing leaves what was said before. */
  void note(SlotSharingGroup group) {
    group.resources().ifPresent(resources -> note(group.getName(), resources));
  }

  private void note(String group, SlotResources resources) {
    SlotResources before = byGroup.putIfAbsent(group, resources);
    if (before != null && !before.equals(resources)) {
      throw new IllegalArgumentException(
          "a slot of the group '"
              + group
              + "' needs "
              + before
              + " and now "
              + resources
              + "; say it once, or give the groups different names");
    }
  }

  /** Of groups that have operators. */
  Map<String, SlotResources> of(Collection<String> groups) {
    var needs = new TreeMap<>(byGroup);
    needs.keySet().retainAll(groups);
    return needs;
  }
}
