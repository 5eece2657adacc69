package dev.tenon.formats;

import dev.tenon.graph.Graph;
import dev.tenon.tensor.ValueType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The inputs of a model that have a value in the file, which holds unless a caller gives another. In the graph that the
 * file is read into they are constants; for the calls that give some of them, the file is read into another.
 *
 * @param types their types by name, in the order of the file
 * @param graphs makes the graph whose inputs are those of the model and, among them, the optional ones of some names; it
 *     fails as a reader does if one of them must be constant
 */
public record OptionalInputs(Map<String, ValueType> types, Function<Set<String>, Graph> graphs) {
    /** Those of a model that has none. */
    public static final OptionalInputs NONE = new OptionalInputs(Map.of(), names -> {
        throw new IllegalArgumentException("no optional inputs " + names);
    });

    /** Copies the map. */
    public OptionalInputs {
        types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
    }
}
