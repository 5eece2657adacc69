package dev.tenon.graph.gradient;

import dev.tenon.graph.Value;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gradients of values. A value that is used several times gets one from each use. They are added here, from the last
 * use to the first, so that the sum has the same bits each time.
 */
final class Adjoints {
    private final Map<Value, List<Value>> given = new IdentityHashMap<>();

    /** Takes the gradient that one use of a value gives. */
    void add(Value v, Value gradient) {
        given.computeIfAbsent(v, key -> new ArrayList<>()).add(gradient);
    }

    /** The gradient of a value after all of its uses; null if no use gave one. */
    Value sum(Value v, Formulas f) {
        List<Value> parts = given.get(v);
        return parts == null ? null : parts.stream().reduce(f::add).orElseThrow();
    }
}
