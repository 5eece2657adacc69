package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.OpSchema;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The labels of a classifier's classes: either integers or strings.
 *
 * @param integers the labels of the classes in order, if they are integers
 * @param strings the labels of the classes in order, if they are strings
 */
public record Labels(List<Long> integers, List<String> strings) {
    /** The most classes that a model may have. */
    public static final int MOST = Forest.MOST_TARGETS;

    static final String STRINGS = "classlabels_strings";

    /** The labels. If both lists are given, the strings hold. */
    public Labels {
        strings = List.copyOf(strings);
        integers = strings.isEmpty() ? List.copyOf(integers) : List.of();
    }

    /**
     * Labels that are integers.
     *
     * @param labels the labels in order
     * @return the labels
     */
    public static Labels of(long... labels) {
        return new Labels(Arrays.stream(labels).boxed().toList(), List.of());
    }

    /**
     * Labels that are strings.
     *
     * @param labels the labels in order
     * @return the labels
     */
    public static Labels of(String... labels) {
        return new Labels(List.of(), List.of(labels));
    }

    /** The labels among an operator's attributes. There must be at least one, and not too many. */
    static Labels of(OpSchema schema, Attributes a, String integers) {
        Labels labels = new Labels(a.integers(integers, List.of()), a.strings(STRINGS, List.of()));
        if (labels.size() == 0 || labels.size() > MOST) {
            throw new InvalidOperandException(
                    schema.qualifiedName(),
                    labels.size() + " class labels",
                    "1 to " + MOST + " in '" + integers + "' or '" + STRINGS + "'",
                    null);
        }
        return labels;
    }

    /** Adds the attribute. */
    Attributes addTo(Attributes a, String name) {
        return a.unless(name, integers, List.of()).unless(STRINGS, strings, List.of());
    }

    /**
     * The number of classes.
     *
     * @return the number
     */
    public int size() {
        return Math.max(integers.size(), strings.size());
    }

    /**
     * The element type of the labels.
     *
     * @return STRING or INT64
     */
    public DType dtype() {
        return strings.isEmpty() ? DType.INT64 : DType.STRING;
    }

    /** Writes the label of a class. */
    void write(Tensor y, long row, int index) {
        if (strings.isEmpty()) {
            y.setLong(row, integers.get(index));
        } else {
            y.setString(row, strings.get(index));
        }
    }

    /**
     * The two labels between which the sign of a single score decides. They are the model's own if it has two,
     * otherwise 0 and 1.
     *
     * @return the labels of the negative and the positive class
     */
    public Labels binary() {
        if (size() == 2) {
            return this;
        }
        return strings.isEmpty() ? of(0, 1) : of("0", "1");
    }
}
