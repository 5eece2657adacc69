package dev.tenon.formats.onnx.lowering;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.graph.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The values of a graph or function that is lowered, by their names in the file. A constant is made when its name is first
 * looked up, so that a constant that nothing uses never becomes a part of the graph.
 */
final class NamedValues {
    private final Map<String, Value> made = new HashMap<>();

    /** Makes constants that no node has used yet. */
    private final Map<String, Supplier<Value>> pending = new HashMap<>();

    /** The inputs of a function that its call leaves out. */
    private final Set<String> absent = new HashSet<>();

    void put(String name, Value v) {
        made.put(name, v);
    }

    /** Lets a name be a value that is made when it is first looked up, in the place of another such value. */
    void putLater(String name, Supplier<Value> make) {
        pending.put(name, make);
    }

    /** Like {@link #putLater}, unless the name is such a value already. */
    void putLaterIfAbsent(String name, Supplier<Value> make) {
        pending.putIfAbsent(name, make);
    }

    /** Lets a name be an initializer, which no other initializer has. */
    void initializer(String name, Supplier<Value> make) {
        if (name.isEmpty() || pending.put(name, make) != null) {
            throw new MalformedModelException(
                    "initializer '" + name + "'",
                    name.isEmpty() ? "no name" : "a second one of this name",
                    "one",
                    null);
        }
    }

    /** Forgets values that were not made yet. */
    void forget(Set<String> names) {
        pending.keySet().removeAll(names);
    }

    boolean isKnown(String name) {
        return made.containsKey(name) || pending.containsKey(name);
    }

    /** Whether a value is made when its name is first looked up, and perhaps was already. */
    boolean isMadeLater(String name) {
        return pending.containsKey(name);
    }

    boolean isKnownOrAbsent(String name) {
        return isKnown(name) || absent.contains(name);
    }

    /** Whether a name stands for an operand that is left out. */
    boolean isAbsent(String name) {
        return name.isEmpty() || absent.contains(name) && !isKnown(name);
    }

    /** Lets a name be an input that is left out. */
    void leaveOut(String name) {
        absent.add(name);
    }

    /** Leaves out what others leave out, too. */
    void leaveOutLike(NamedValues others) {
        absent.addAll(others.absent);
    }

    /** The number of inputs that are left out. */
    int leftOut() {
        return absent.size();
    }

    /** The value of a name, or null if there is none. */
    Value lookUp(String name) {
        Value v = made.get(name);
        if (v == null) {
            Supplier<Value> make = pending.get(name);
            if (make != null) {
                v = make.get();
                made.put(name, v);
            }
        }
        return v;
    }

    /** The value of a name that a node or output uses. */
    Value find(String name, String user) {
        Value v = lookUp(name);
        if (v == null) {
            throw new MalformedModelException(
                    user,
                    "uses '" + name + "', which no node, input or initializer defines",
                    "values that are defined",
                    "check the model with the tool that wrote it");
        }
        return v;
    }
}
