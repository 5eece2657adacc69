package dev.tenon.op.tabular;

import dev.tenon.error.InvalidOperandException;
import dev.tenon.op.Attributes;
import dev.tenon.op.Domains;
import dev.tenon.op.InferContext;
import dev.tenon.op.Op;
import dev.tenon.op.OpSchema;
import dev.tenon.op.Operands;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.List;
import java.util.Map;

/**
 * The values of a map as a row with a column for each key of a vocabulary. A column holds zero, or an empty string, if
 * the map does not have its key. Keys that are not in the vocabulary are ignored.
 *
 * @param integers the keys of the columns, if they are integers
 * @param strings the keys of the columns, if they are strings
 */
public record DictVectorizer(List<Long> integers, List<String> strings) implements Op {
    /** Input {@code X}: a map from int64 or strings; output {@code Y} of [1,C], of the type of the values. */
    public static final OpSchema SCHEMA =
            OpSchema.of(Domains.ML, "DictVectorizer").input("X", "*").output("Y", "*");

    /** Checks that there is one vocabulary. */
    public DictVectorizer {
        integers = List.copyOf(integers);
        strings = List.copyOf(strings);
        if (integers.isEmpty() == strings.isEmpty()) {
            throw new InvalidOperandException(
                    SCHEMA.qualifiedName(),
                    integers.size() + " in int64_vocabulary, " + strings.size() + " in string_vocabulary",
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
    public static DictVectorizer of(Attributes a) {
        return new DictVectorizer(a.integers("int64_vocabulary", List.of()), a.strings("string_vocabulary", List.of()));
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        return Attributes.none()
                .unless("int64_vocabulary", integers, List.of())
                .unless("string_vocabulary", strings, List.of());
    }

    private List<?> keys() {
        return strings.isEmpty() ? integers : strings;
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        MapType map = Maps.type(c);
        DType key = strings.isEmpty() ? DType.INT64 : DType.STRING;
        if (map.key() != key) {
            throw c.error("input 0 'X' is " + map, "a map from " + key.text() + ", as the vocabulary", null);
        }
        DType value = Maps.values(c, map);
        return List.of(new TensorType(value, Shape.of(1, keys().size())));
    }

    @Override
    public List<Datum> reference(Operands in) {
        TensorType type = (TensorType) in.inferOutputs().getFirst();
        Map<Object, Datum> map = Maps.get(in).asMap();
        Tensor y = Tensor.allocate(type.dtype(), type.shape().toArray());
        for (int i = 0; i < keys().size(); i++) {
            Datum value = map.get(keys().get(i));
            if (value != null) {
                Maps.copy(in, keys().get(i), value, y, i);
            }
        }
        return List.of(y);
    }
}
