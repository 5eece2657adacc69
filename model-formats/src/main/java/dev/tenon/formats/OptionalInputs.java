package dev.tenon.formats;

import dev.tenon.graph.Graph;
import dev.tenon.tensor.ValueType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The inputs of a model that have a default value in the file. In the graph of the model they are constants. A call
 * that gives a value for some of them needs another graph, in which these are inputs.
 *
 * @param types their types by name, in the order of the file
 * @param graphs makes the graph in which the optional inputs of some names are inputs. Fails as a reader does if one of
 *     them must be constant
 */
public record OptionalInputs(Map<String, ValueType> types, Function<Set<String>, Graph> graphs) {
    /** The optional inputs of a model that has none. */
    public static final OptionalInputs NONE = new OptionalInputs(Map.of(), names -> {
        throw new IllegalArgumentException("no optional inputs " + names);
    });

    /** Copies the map. */
    public OptionalInputs {
        types = Collections.unmodifiableMap(new LinkedHashMap<>(types));
    }
}
