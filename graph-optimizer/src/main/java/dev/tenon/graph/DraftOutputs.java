package dev.tenon.graph;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The outputs of a graph that is edited: names, in order, and the values that they give. */
final class DraftOutputs {
    private final Map<String, ValueRef> values = new LinkedHashMap<>();

    /** The values by name, in order; a view. */
    Map<String, ValueRef> byName() {
        return Collections.unmodifiableMap(values);
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Adds an output after the others. Its name must be free. */
    void add(String name, ValueRef value) {
        requireFree(name);
        values.put(name, value);
    }

    /** Renames an output, which keeps its place. */
    void rename(String name, String newName) {
        require(name);
        if (!name.equals(newName)) {
            requireFree(newName);
        }
        Map<String, ValueRef> before = new LinkedHashMap<>(values);
        values.clear();
        before.forEach((key, v) -> values.put(key.equals(name) ? newName : key, v));
    }

    /** Gives an output another value. */
    void replace(String name, ValueRef value) {
        require(name);
        values.put(name, value);
    }

    /** Gives all outputs that have a value another one. */
    void replaceAll(ValueRef value, ValueRef replacement) {
        values.replaceAll((name, v) -> v == value ? replacement : v);
    }

    void remove(String name) {
        require(name);
        values.remove(name);
    }

    /** Refuses a name that no output has. */
    void require(String name) {
        if (!values.containsKey(name)) {
            throw new InvalidGraphException(
                    "output '" + name + "'",
                    "no output of this name",
                    values.keySet().toString(),
                    null);
        }
    }

    private void requireFree(String name) {
        if (values.containsKey(name)) {
            throw new InvalidGraphException(
                    "output '" + name + "'", "a second output of this name", "each name once", null);
        }
    }
}
