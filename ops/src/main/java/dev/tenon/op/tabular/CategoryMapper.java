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
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;

/**
 * Maps strings to integers, or integers to strings.
 *
 * @param integers the integers
 * @param strings the string of each integer
 * @param otherInteger the result for strings that are not among them
 * @param otherString the result for integers that are not among them
 */
public record CategoryMapper(List<Long> integers, List<String> strings, long otherInteger, String otherString)
        implements Op {
    /** Input {@code X} of any shape, strings or int64; output {@code Y} of the same shape and the other type. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "CategoryMapper")
            .input("X", "T1")
            .output("Y", "T2")
            .where("T1", Types.set(DType.STRING, DType.INT64))
            .where("T2", Types.set(DType.STRING, DType.INT64));

    private static final String NO_STRING = "_Unused";

    /** Checks that there are as many integers as strings. */
    public CategoryMapper {
        integers = Keys.of(integers);
        strings = Keys.of(strings);
        if (integers.size() != strings.size()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    integers.size() + " cats_int64s, " + strings.size() + " cats_strings",
                    "as many of each",
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
    public static CategoryMapper of(Attributes a) {
        return new CategoryMapper(
                a.integers("cats_int64s", List.of()),
                a.strings("cats_strings", List.of()),
                a.integer("default_int64", -1),
                a.string("default_string", NO_STRING));
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
                .unless("default_int64", otherInteger, -1L)
                .unless("default_string", otherString, NO_STRING);
    }

    private static DType other(DType type) {
        return type == DType.STRING ? DType.INT64 : DType.STRING;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        return List.of(new TensorType(other(c.dtype(0)), c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        Tensor x = in.tensor(0);
        Keys<?> texts = Keys.of(strings);
        Keys<?> numbers = Keys.of(integers);
        return List.of(
                x.dtype() == DType.STRING
                        ? texts.translate(x, numbers, DType.INT64, otherInteger)
                        : numbers.translate(x, texts, DType.STRING, otherString));
    }
}
