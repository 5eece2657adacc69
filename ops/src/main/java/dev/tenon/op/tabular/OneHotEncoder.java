package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.op.Types;
import dev.tenon.op.tabular.model.NumberTable;
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
            .where("T", Types.union(ExampleRows.TYPES, Types.set(DType.STRING)))
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

    /**
     * The table of the categories of numbers.
     *
     * @return the table; made once
     */
    @SuppressWarnings("exports") // for kernels
    public NumberTable table() {
        return Keys.of(integers).numbers();
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Tensor x = in.tensor(0);
        Tensor y = Tensor.allocate(DType.FLOAT32, type.shape().toArray());
        int count = categories().size();
        int[] found = new int[(int) Math.min(Keys.BLOCK, x.size())];
        for (long at = 0; at < x.size(); at += found.length) {
            int n = (int) Math.min(found.length, x.size() - at);
            places(x, at, found, n);
            for (int i = 0; i < n; i++) {
                if (found[i] >= 0) {
                    y.setDouble((at + i) * count + found[i], 1);
                } else if (!zeros) {
                    throw error(in, x, at + i);
                }
            }
        }
        return List.of(y);
    }

    private static InvalidOperandException error(Operands in, Tensor x, long i) {
        String element = x.dtype() == DType.STRING
                ? x.getString(i)
                : x.dtype().isFloating() ? String.valueOf(x.getDouble(i)) : String.valueOf(x.getLong(i));
        return in.error("element " + i + " is " + element, "a category, as zeros is 0", null);
    }

    /** The index of the category of each element, or -1. */
    private void places(Tensor x, long from, int[] found, int n) {
        if (x.dtype() == DType.STRING) {
            Keys.of(strings).find(x, from, found, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            boolean whole = !x.dtype().isFloating() || Math.abs(x.getDouble(from + i)) < INT64_END;
            found[i] = whole ? table().find(x.getLong(from + i)) : -1;
        }
    }
}
