package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Dim;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * A new last axis with a place for each category: 1 at the category of the element, 0 elsewhere. Numbers are truncated
 * to integers; NaN and numbers beyond integers have no category. Of equal categories, the last one holds.
 *
 * @param integers the categories of numbers
 * @param strings the categories of strings
 * @param zeros whether an element without a category gives zeros; otherwise it is an error
 */
public record OneHotEncoder(List<Long> integers, List<String> strings, boolean zeros) implements Op {
    /** Input {@code X} of any shape; output {@code Y} of one dimension more. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "OneHotEncoder")
            .input("X", "T")
            .output("Y", "F")
            .where("T", Types.union(Rows.TYPES, Types.set(DType.STRING)))
            .where("F", Types.FLOAT32);

    private static final double INT64_END = 0x1p63;

    /** Checks that there are categories of one kind. */
    public OneHotEncoder {
        integers = Keys.of(integers);
        strings = Keys.of(strings);
        if (integers.isEmpty() == strings.isEmpty()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    integers.size() + " cats_int64s, " + strings.size() + " cats_strings",
                    "one of them, not empty",
                    null);
        }
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the
     *     others
     */
    public static OneHotEncoder of(Attributes a) {
        return new OneHotEncoder(
                a.integers("cats_int64s", List.of()), a.strings("cats_strings", List.of()), a.flag("zeros", true));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("cats_int64s", integers, List.of())
                .unless("cats_strings", strings, List.of())
                .unless("zeros", zeros, true);
    }

    private List<?> categories() {
        return strings.isEmpty() ? integers : strings;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.dtype(0) == DType.STRING == strings.isEmpty()) {
            throw c.error(
                    "input 0 'X' is " + c.type(0),
                    strings.isEmpty() ? "numbers, as cats_int64s" : "strings, as cats_strings",
                    null);
        }
        Shape shape = c.shape(0);
        if (shape.hasRank()) {
            List<Dim> dims = new ArrayList<>(shape.dims());
            dims.add(Dim.of(categories().size()));
            shape = Shape.of(dims);
        }
        return List.of(new TensorType(DType.FLOAT32, shape));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(DType.FLOAT32, type.shape().toArray());
        for (long i = 0; i < x.size(); i++) {
            int place = place(x, i);
            if (place >= 0) {
                y.setDouble(i * categories().size() + place, 1);
            } else if (!zeros) {
                String element = x.dtype() == DType.STRING ? x.getString(i) : String.valueOf(x.getDouble(i));
                throw in.error("element " + i + " is " + element, "a category, as zeros is 0", null);
            }
        }
        return List.of(y);
    }

    /** The index of the category of an element, or -1. */
    private int place(Tensor x, long i) {
        if (x.dtype() == DType.STRING) {
            return Keys.of(strings).find(x, i);
        }
        if (x.dtype().isFloating() && !(Math.abs(x.getDouble(i)) < INT64_END)) {
            return -1;
        }
        return Keys.of(integers).find(x.dtype().isFloating() ? (long) x.getDouble(i) : x.getLong(i));
    }
}
