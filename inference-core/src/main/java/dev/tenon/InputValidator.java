package dev.tenon;

import dev.tenon.error.InvalidInputException;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks the inputs of a call against the model: names, types, ranks and dimensions. A symbolic dimension must be the
 * same number everywhere. Allocates nothing unless it throws. Immutable.
 */
final class InputValidator {
    private final List<ValueInfo> inputs;
    /** For each input and dimension its number, or -1 if it is symbolic. */
    private final long[][] fixed;
    /**
     * For each input and dimension the input and dimension where its symbol occurs first; null if it occurs first here.
     */
    private final int[][][] same;

    InputValidator(List<ValueInfo> inputs) {
        this.inputs = List.copyOf(inputs);
        fixed = new long[inputs.size()][];
        same = new int[inputs.size()][][];
        Map<String, int[]> first = new HashMap<>();
        for (int i = 0; i < inputs.size(); i++) {
            if (!(inputs.get(i).type() instanceof TensorType t) || !t.shape().hasRank()) {
                continue;
            }
            fixed[i] = new long[t.shape().rank()];
            same[i] = new int[t.shape().rank()][];
            for (int k = 0; k < fixed[i].length; k++) {
                Dim d = t.shape().dim(k);
                fixed[i][k] = d.isKnown() ? d.value() : -1;
                same[i][k] = d.isKnown() ? null : first.putIfAbsent(d.toString(), new int[] {i, k});
            }
        }
    }

    /**
     * Checks the inputs of a call.
     *
     * @param given the inputs by name
     * @param values is filled with the inputs in the order of the model
     * @throws InvalidInputException if they do not fit the model
     */
    void fill(Map<String, ? extends Datum> given, Datum[] values) {
        int found = 0;
        for (int i = 0; i < values.length; i++) {
            Datum d = given.get(inputs.get(i).name());
            if (d == null) {
                throw missing(i, given);
            }
            values[i] = d;
            found++;
        }
        if (found < given.size()) {
            throw unknown(given);
        }
        for (int i = 0; i < values.length; i++) {
            check(i, values);
        }
    }

    private InvalidInputException missing(int i, Map<String, ? extends Datum> given) {
        return new InvalidInputException(
                "input '" + inputs.get(i).name() + "'",
                given.containsKey(inputs.get(i).name()) ? "null" : "not given; given: " + given.keySet(),
                inputs.get(i).type().toString(),
                "give a value for each of " + inputs);
    }

    private InvalidInputException unknown(Map<String, ? extends Datum> given) {
        Set<String> known = new HashSet<>();
        inputs.forEach(v -> known.add(v.name()));
        for (String name : given.keySet()) {
            if (!known.contains(name)) {
                return new InvalidInputException(
                        "input '" + name + "'", "the model has no such input", inputs.toString(), "leave it out");
            }
        }
        throw new IllegalStateException("no unknown name in " + given.keySet());
    }

    private void check(int i, Datum[] values) {
        ValueType declared = inputs.get(i).type();
        if (!(declared instanceof TensorType t)) {
            if (!declared.accepts(values[i].type())) {
                throw wrong(i, values[i], "give a value of this kind");
            }
            return;
        }
        if (!(values[i] instanceof Tensor value)) {
            throw wrong(i, values[i], "give a tensor");
        }
        if (value.dtype() != t.dtype()) {
            throw wrong(i, value, "convert the elements to " + t.dtype().text());
        }
        if (fixed[i] == null) {
            return;
        }
        if (value.rank() != fixed[i].length) {
            throw wrong(i, value, "give " + fixed[i].length + " dimensions");
        }
        for (int k = 0; k < fixed[i].length; k++) {
            if (fixed[i][k] >= 0 && value.dim(k) != fixed[i][k]) {
                throw wrong(i, value, "make dimension " + k + " " + fixed[i][k]);
            }
            int[] first = same[i][k];
            if (first != null && ((Tensor) values[first[0]]).dim(first[1]) != value.dim(k)) {
                throw wrong(i, value, first, k, (Tensor) values[first[0]]);
            }
        }
    }

    private InvalidInputException wrong(int i, Datum given, String cure) {
        return new InvalidInputException(
                "input '" + inputs.get(i).name() + "'",
                given.type().toString(),
                inputs.get(i).type().toString(),
                cure);
    }

    private InvalidInputException wrong(int i, Tensor given, int[] first, int k, Tensor other) {
        Shape shape = ((TensorType) inputs.get(i).type()).shape();
        return new InvalidInputException(
                "input '" + inputs.get(i).name() + "'",
                given.type() + ", where '" + shape.dim(k) + "' is " + given.dim(k),
                inputs.get(i).type() + ", where '" + shape.dim(k) + "' is " + other.dim(first[1]) + " as in input '"
                        + inputs.get(first[0]).name() + "'",
                "give both the same size");
    }
}
