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
import dev.tenon.tensor.MapDatum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Set;

/**
 * A map for each row, from the classes to the row's elements.
 *
 * @param integers the keys, if they are integers
 * @param strings the keys, if they are strings
 */
public record ZipMap(List<Long> integers, List<String> strings) implements Op {
    /** Input {@code X} of [N,C] or of [C] as a row; output {@code Z}: N maps from int64 or strings to float32. */
    public static final OpSchema SCHEMA =
            OpSchema.of(Domains.ML, "ZipMap").input("X", "F").output("Z", "*").where("F", Types.FLOAT32);

    /** Checks that there are keys of one kind, each once. */
    public ZipMap {
        integers = List.copyOf(integers);
        strings = List.copyOf(strings);
        List<?> keys = strings.isEmpty() ? integers : strings;
        if (integers.isEmpty() == strings.isEmpty() || Set.copyOf(keys).size() != keys.size()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    "classlabels_int64s " + excerpt(integers) + ", classlabels_strings " + excerpt(strings),
                    "one of them, not empty, each label once",
                    null);
        }
    }

    private static String excerpt(List<?> labels) {
        int most = 10;
        return labels.size() <= most ? labels.toString() : labels.subList(0, most) + "…";
    }

    /**
     * Makes the operator.
     *
     * @param a its attributes
     * @return the operator
     * @throws dev.tenon.error.InvalidOperandException if an attribute is missing, of the wrong kind or does not fit the
     *     others
     */
    public static ZipMap of(Attributes a) {
        return new ZipMap(a.integers("classlabels_int64s", List.of()), a.strings("classlabels_strings", List.of()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("classlabels_int64s", integers, List.of())
                .unless("classlabels_strings", strings, List.of());
    }

    private MapType type() {
        DType key = strings.isEmpty() ? DType.INT64 : DType.STRING;
        return new MapType(key, new TensorType(DType.FLOAT32, Shape.scalar()));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        int keys = Math.max(integers.size(), strings.size());
        ExampleRows.infer(c, keys, keys);
        return List.of(new SequenceType(type()));
    }

    @Override
    public List<Datum> reference(Operands in) {
        in.inferOutputs();
        Tensor x = in.tensor(0);
        Tensor keys = strings.isEmpty()
                ? Tensor.of(integers.stream().mapToLong(Long::longValue).toArray())
                : Tensor.of(strings.toArray(String[]::new));
        Tensor rows = Tensor.allocate(DType.FLOAT32, ExampleRows.count(x), keys.size());
        rows.copyFrom(x);
        return List.of(TensorSequence.of(type(), MapDatum.ofRows(keys, rows)));
    }
}
