package dev.tenon.graph;

import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The nodes that use each value of a graph that is being edited. */
final class DraftUses {
    private final Map<ValueRef, Set<DraftNode>> users = new IdentityHashMap<>();

    void add(ValueRef v, DraftNode user) {
        users.computeIfAbsent(v, key -> new LinkedHashSet<>()).add(user);
    }

    void remove(ValueRef v, DraftNode user) {
        Set<DraftNode> its = users.get(v);
        if (its != null) {
            its.remove(user);
        }
    }

    /** The nodes that use a value, each once; later changes do not change the list. */
    List<DraftNode> of(ValueRef v) {
        return List.copyOf(users.getOrDefault(v, Set.of()));
    }

    /** Lets a node use another value in the place of one. */
    void redirect(DraftNode user, ValueRef v, ValueRef replacement) {
        for (int i = 0; i < user.operands().size(); i++) {
            if (user.operands().get(i) == v) {
                user.operand(i, replacement);
            }
        }
        remove(v, user);
        add(replacement, user);
    }
}
