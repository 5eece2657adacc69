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
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Maps elements by a table of keys and values. NaN is a key like others, and zeros of both signs are equal. Of equal
 * keys, the last one holds.
 *
 * @param keyType the element type of the input
 * @param keys the keys: Long for integers, Double for floats, String
 * @param valueType the element type of the output
 * @param values the value of each key, in the same forms
 * @param other the result for elements that are no key
 */
public record LabelEncoder(DType keyType, List<Object> keys, DType valueType, List<Object> values, Object other)
        implements Op {
    private static final Set<DType> TYPES =
            Types.set(DType.STRING, DType.INT64, DType.FLOAT32, DType.INT32, DType.INT16, DType.FLOAT64);

    /** Input {@code X} of any shape, output {@code Y} of the same shape. */
    public static final OpSchema SCHEMA = OpSchema.of(Domains.ML, "LabelEncoder")
            .input("X", "T1")
            .output("Y", "T2")
            .where("T1", TYPES)
            .where("T2", TYPES);

    private static final String NO_STRING = "_Unused";
    private static final Map<String, DType> LISTS =
            Map.of("floats", DType.FLOAT32, "int64s", DType.INT64, "strings", DType.STRING);

    /** Checks that there are as many keys as values. */
    public LabelEncoder {
        keys = Keys.of(keys);
        values = Keys.of(values);
        require(TYPES.contains(keyType), "keys " + keyType.text(), "string, i64, f32, i32, i16, f64");
        require(TYPES.contains(valueType), "values " + valueType.text(), "string, i64, f32, i32, i16, f64");
        require(keys.size() == values.size(), keys.size() + " keys, " + values.size() + " values", "as many of each");
    }

    private static void require(boolean holds, String found, String allowed) {
        if (!holds) {
            throw new InvalidOperandException(SCHEMA.qualifiedName(), found, allowed, null);
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
    public static LabelEncoder of(Attributes a) {
        Tensor keys = elements(a, "keys_");
        Tensor values = elements(a, "values_");
        return new LabelEncoder(keys.dtype(), list(keys), values.dtype(), list(values), other(a, values.dtype()));
    }

    /** A list or tensor among the attributes. */
    private static Tensor elements(Attributes a, String prefix) {
        List<Tensor> found = new ArrayList<>();
        for (Map.Entry<String, DType> kind : LISTS.entrySet()) {
            String name = prefix + kind.getKey();
            List<?> list =
                    switch (kind.getValue()) {
                        case FLOAT32 -> a.reals(name, List.of());
                        case INT64 -> a.integers(name, List.of());
                        default -> a.strings(name, List.of());
                    };
            if (!list.isEmpty()) {
                found.add(tensor(kind.getValue(), list));
            }
        }
        a.tensor(prefix + "tensor").ifPresent(found::add);
        require(found.size() == 1, found.size() + " attributes " + prefix + "*", "one of each kind");
        return found.getFirst();
    }

    private static Tensor tensor(DType type, List<?> elements) {
        Tensor t = Tensor.allocate(type, elements.size());
        for (int i = 0; i < elements.size(); i++) {
            Keys.put(t, i, elements.get(i) instanceof Float f ? Double.valueOf(f) : elements.get(i));
        }
        return t;
    }

    private static List<Object> list(Tensor t) {
        require(TYPES.contains(t.dtype()), "a table of " + t.dtype().text(), "string, i64, f32, i32, i16, f64");
        List<Object> list = new ArrayList<>();
        for (long i = 0; i < t.size(); i++) {
            list.add(get(t, i));
        }
        return list;
    }

    private static Object other(Attributes a, DType type) {
        Tensor t = a.tensor("default_tensor").orElse(null);
        if (t != null) {
            require(t.dtype() == type && t.size() == 1, "default_tensor " + t.type(), "one element " + type.text());
            return get(t, 0);
        }
        if (type == DType.STRING) {
            return a.string("default_string", NO_STRING);
        }
        return type.isFloating()
                ? Double.valueOf(a.real("default_float", -0f))
                : (Object) a.integer("default_int64", -1);
    }

    @Override
    public OpSchema schema() {
        return SCHEMA;
    }

    @Override
    public Attributes attributes() {
        Attributes a = add(add(Attributes.none(), "keys_", keyType, keys), "values_", valueType, values);
        return switch (valueType) {
            case STRING -> a.unless("default_string", other, NO_STRING);
            case INT64 -> a.unless("default_int64", other, -1L);
            case FLOAT32 -> a.unless("default_float", ((Double) other).floatValue(), -0f);
            default -> a.with("default_tensor", tensor(valueType, List.of(other)));
        };
    }

    private static Attributes add(Attributes a, String prefix, DType type, List<Object> elements) {
        for (Map.Entry<String, DType> kind : LISTS.entrySet()) {
            if (kind.getValue() == type && !elements.isEmpty()) {
                return a.with(prefix + kind.getKey(), elements);
            }
        }
        return a.with(prefix + "tensor", tensor(type, elements));
    }

    @Override
    public List<ValueType> infer(InferContext c) {
        if (c.dtype(0) != keyType) {
            throw c.error("input 0 'X' is " + c.type(0), keyType.text() + ", as the keys", "add a Cast");
        }
        return List.of(new TensorType(valueType, c.shape(0)));
    }

    @Override
    public List<Datum> reference(Operands in) {
        return List.of(Keys.of(keys).translate(in.tensor(0), Keys.of(values), valueType, other));
    }

    /**
     * The table of keys that are numbers.
     *
     * @return the table, whose keys are the bits of floats; made once
     * @throws InvalidOperandException if the keys are strings
     */
    @SuppressWarnings("exports") // for kernels
    public NumberTable table() {
        require(keyType != DType.STRING, "keys of strings", "numbers");
        return Keys.of(keys).numbers();
    }

    /**
     * The results as bits: the value of each key, then the one for elements that are no key.
     *
     * @return an array that must not be changed; made once
     * @throws InvalidOperandException if the values are strings
     */
    public long[] resultBits() {
        require(valueType != DType.STRING, "values of strings", "numbers");
        return Keys.of(values).bits(valueType, other);
    }

    private static Object get(Tensor t, long i) {
        if (t.dtype() == DType.STRING) {
            return t.getString(i);
        }
        return t.dtype().isFloating() ? Double.valueOf(t.getDouble(i)) : (Object) t.getLong(i);
    }
}
