package dev.tenon.formats.decoder;

import dev.tenon.formats.MalformedModelException;
import dev.tenon.formats.UnsupportedModelException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The tensors of a model, by the names that GGUF has for them. Knows which were asked for. For one thread. */
final class Weights {
    private static final String CURE = "check that all of the model is there, or convert it again";

    private final String file;
    private final Map<String, Weight> all;
    private final UnaryOperator<String> names;
    private final Map<String, String> used = new LinkedHashMap<>();

    /**
     * The tensors of a model.
     *
     * @param file how messages call the model
     * @param all the tensors by their names in the file
     * @param names gives the name in the file of a name of GGUF
     */
    Weights(String file, Map<String, Weight> all, UnaryOperator<String> names) {
        this.file = file;
        this.all = all;
        this.names = names;
    }

    /** The tensors that were asked for, by their names in the file, with the names that GGUF has for them. */
    Map<String, String> used() {
        return Collections.unmodifiableMap(used);
    }

    /** The tensor of a name in the file; null if there is none. */
    Weight own(String name) {
        return all.get(name);
    }

    /** Other tensors under the names of the same file. */
    Weights with(String document, Map<String, Weight> others) {
        return new Weights(document, others, names);
    }

    /** A tensor that may be absent, of these dimensions; -1 stands for any. */
    Optional<Weight> find(String name, long... dims) {
        String own = names.apply(name);
        Weight weight = all.get(own);
        if (weight == null) {
            return Optional.empty();
        }
        used.put(own, name);
        boolean fits = weight.dims().size() == dims.length;
        for (int i = 0; fits && i < dims.length; i++) {
            fits = dims[i] < 0 || dims[i] == weight.dims().get(i);
        }
        if (!fits) {
            throw new MalformedModelException(
                    file + ", tensor '" + own + "'",
                    "dimensions " + weight.dims(),
                    Arrays.toString(dims).replace("-1", "any"),
                    CURE);
        }
        return Optional.of(weight);
    }

    /** A tensor that must be there, of these dimensions; -1 stands for any. */
    Weight get(String name, long... dims) {
        return find(name, dims)
                .orElseThrow(() -> new MalformedModelException(
                        file + ", tensor '" + names.apply(name) + "'",
                        "no such tensor",
                        "a tensor of this name, as the settings say",
                        CURE));
    }

    /** A tensor whose elements have a form that its place does not allow. */
    UnsupportedModelException unsupported(Weight weight, String allowed) {
        return new UnsupportedModelException(
                file + ", tensor '" + weight.name() + "'",
                weight.blocks().map(Enum::name).orElse("floats"),
                allowed,
                "quantise matrices only");
    }

    /** The elements of a tensor, which must be positive. */
    double[] positive(Weight weight) {
        if (weight.blocks().isPresent()) {
            throw unsupported(weight, "floats");
        }
        double[] values = weight.stored().toDoubleArray();
        for (double value : values) {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new MalformedModelException(
                        file + ", tensor '" + weight.name() + "'", "the element " + value, "positive numbers", CURE);
            }
        }
        return values;
    }

    /**
     * Refuses tensors that nothing asked for: the model computes something else.
     *
     * @param ignored the ends of names that don't matter
     */
    void checkAllUsed(List<String> ignored) {
        for (String name : all.keySet()) {
            if (!used.containsKey(name) && ignored.stream().noneMatch(name::endsWith)) {
                throw new UnsupportedModelException(
                        file + ", tensor '" + name + "'",
                        "a tensor that this architecture does not have",
                        "the tensors of the architecture",
                        "export the model to ONNX");
            }
        }
    }
}
